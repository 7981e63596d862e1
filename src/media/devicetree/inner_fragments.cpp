#include "devicetree/inner_fragments.h"

#include "base/text.h"
#include "devicetree/nodes.h"
#include "devicetree/references.h"

namespace bootwire::devicetree {

namespace {

constexpr char overlay_node[] = "/__overlay__";

/// Empty for a fragment that is for a node of the tree.
std::string inner_target(const Tree& overlay, const std::string& fragment) {
    if (!stands_for_own_node(overlay, {fragment, "target", 0})) return {};
    const auto number = cell_at(overlay.property(fragment, "target").value_or(""), 0);
    return overlay.with_phandle(number.value_or(0));
}

}  // namespace

Status merge_inner_fragments(Tree& overlay) {
    for (const std::string& fragment : overlay.children("/")) {
        if (!overlay.has(fragment + overlay_node)) continue;
        const std::string target = inner_target(overlay, fragment);
        if (target.empty()) continue;
        if (target == "/" || (target + "/").starts_with(fragment + "/")) {
            return fail("the overlay's " + printable(fragment.substr(1), 60) +
                        " is for what it is a part of, or the other way round");
        }
        if (auto done = merge_nodes(overlay, fragment + overlay_node, target); !done) return done;
        remove_with_references(overlay, fragment);
    }
    return {};
}

}  // namespace bootwire::devicetree
