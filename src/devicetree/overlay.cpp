#include "devicetree/overlay.h"

#include "base/text.h"
#include "devicetree/parameters.h"

namespace bootwire::devicetree {

namespace {

void set_all(Tree& tree, const std::vector<std::string>& parameters, const std::string& where,
             std::vector<std::string>& notes) {
    for (const std::string& parameter : parameters) {
        if (const auto done = set_parameter(tree, parameter); !done) {
            notes.push_back(where + ": " + done.error().to_string());
        }
    }
}

}  // namespace

Result<std::vector<std::string>> apply_changes(Tree& tree,
                                               const std::vector<bootfiles::TreeChange>& changes,
                                               const bootfiles::Folder& folder) {
    std::vector<std::string> notes;
    for (const bootfiles::TreeChange& change : changes) {
        if (change.overlay.empty()) {
            set_all(tree, change.parameters, "dtparam", notes);
            continue;
        }
        const std::string where = "overlay " + printable(change.overlay, 120);
        const auto bytes = folder.read(change.overlay, kLargestTree);
        if (!bytes) {
            notes.push_back(where + ": " + bytes.error().to_string());
            continue;
        }
        auto overlay = Tree::parse(*bytes);
        if (!overlay) {
            notes.push_back(where + ": " + overlay.error().to_string());
            continue;
        }
        set_all(*overlay, change.parameters, where, notes);
        Tree before = tree;  // a failed one leaves a tree of no use
        if (const auto done = tree.apply(std::move(*overlay)); !done) {
            tree = std::move(before);
            notes.push_back(where + ": " + done.error().to_string());
        }
    }
    return notes;
}

}  // namespace bootwire::devicetree
