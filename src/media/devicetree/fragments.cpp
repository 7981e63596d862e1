#include "devicetree/fragments.h"

#include <map>

#include "base/text.h"

namespace bootwire::devicetree {

namespace {

constexpr char overlay_node[] = "/__overlay__";

std::string below(const std::string& parent, const std::string& child) {
    return (parent == "/" ? "" : parent) + child.substr(child.rfind('/'));
}

class Keeper {
  public:
    Keeper(const Tree& tree, Tree& overlay, uint32_t added) : tree_(tree), overlay_(overlay) {
        numbering.added = added;
    }

    /// The node of the overlay, and those below it, will be merged into `into`.
    void keep(const std::string& node, const std::string& into) {
        const std::string full = tree_.full_path(into);
        const std::string& path = full.empty() ? into : full;
        keep_one(node, path);
        for (const std::string& child : overlay_.children(node))
            keep(child, below(path, child));
    }

    Numbering numbering;

  private:
    void keep_one(const std::string& node, const std::string& into) {
        const uint32_t own = overlay_.phandle(node);
        uint32_t known = tree_.phandle(into);
        if (known == 0 && own != 0) {
            const auto [other, is_first] = given_.emplace(into, own + numbering.added);
            if (!is_first) known = other->second;
        }
        if (known == 0) return;
        overlay_.remove(node, "phandle");
        overlay_.remove(node, "linux,phandle");
        if (own != 0) numbering.others[own] = known;
    }

    const Tree& tree_;
    Tree& overlay_;
    std::map<std::string, uint32_t> given_;  // to nodes without one, by fragments before
};

}  // namespace

std::vector<std::string> contents_of_fragments(const Tree& overlay) {
    std::vector<std::string> found;
    for (const std::string& fragment : overlay.children("/"))
        if (overlay.has(fragment + overlay_node)) found.push_back(fragment + overlay_node);
    return found;
}

Result<std::string> target_of(const Tree& tree, const Tree& overlay, const std::string& contents) {
    const std::string fragment = contents.substr(0, contents.rfind('/'));
    const std::string it = "the overlay's " + printable(fragment.substr(1), 60);
    const auto target = overlay.property(fragment, "target");
    if (const auto number = target ? cell_at(*target, 0) : 0; number != 0) {
        std::string path = number ? tree.with_phandle(*number) : "";
        if (!path.empty()) return path;
        return fail(it + " is for a node that the device tree does not have");
    }
    const auto text = overlay.property(fragment, "target-path");
    if (!text) return fail(it + " says not for which node it is");
    std::string path = text->substr(0, text->find('\0'));
    if (std::string full = tree.full_path(path); !full.empty()) return full;
    // A fragment before it may create that.
    if (path.starts_with('/')) return path;
    return fail(it + " is for " + printable(path, 60) + ", which the device tree does not have");
}

Result<Numbering> keep_numbers(const Tree& tree, Tree& overlay) {
    const auto added = tree.largest_phandle();  // by libfdt
    if (!added) return std::unexpected(added.error());
    Keeper keeper(tree, overlay, *added);
    for (const std::string& contents : contents_of_fragments(overlay)) {
        const auto target = target_of(tree, overlay, contents);
        if (!target) return std::unexpected(target.error());
        keeper.keep(contents, *target);
    }
    return std::move(keeper.numbering);
}

}  // namespace bootwire::devicetree
