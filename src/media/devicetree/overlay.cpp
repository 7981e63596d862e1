#include "devicetree/overlay.h"

#include "base/text.h"
#include "devicetree/overlay_map.h"
#include "devicetree/parameters.h"

namespace bootwire::devicetree {

namespace {

using Notes = std::vector<std::string>;

void set_all(Tree& tree, const std::vector<std::string>& parameters, const std::string& where,
             Notes& notes) {
    for (const std::string& parameter : parameters) {
        if (const auto done = set_parameter(tree, parameter); !done) {
            notes.push_back(where + ": " + done.error().to_string());
        }
    }
}

/// Sets those that the tree knows, and takes them out of the parameters, if `elsewhere` does not
/// know them. (dtparam= may be meant for an overlay before it, or not.)
void set_those_of(Tree& tree, const Tree* elsewhere, std::vector<std::string>& parameters,
                  Notes& notes) {
    std::vector<std::string> ours;
    std::erase_if(parameters, [&](const std::string& parameter) {
        const bool is_ours = has_parameter(tree, parameter) &&
                             (elsewhere == nullptr || !has_parameter(*elsewhere, parameter));
        if (is_ours) ours.push_back(parameter);
        return is_ours;
    });
    set_all(tree, ours, "dtparam", notes);
}

constexpr std::string_view overlay_suffix = ".dtbo";

/// What a name stands for on a chip. A map may rename with parameters: "sc16is75x-spi,spi0-0".
struct Meant {
    std::string file;
    std::vector<std::string> parameters;
};

struct Overlay {
    Tree tree;
    std::vector<std::string> parameters;
};

/// Names of overlays lead to files, by way of the map beside them if there is one.
class Overlays {
  public:
    Overlays(const bootfiles::Folder& folder, std::string_view chip)
        : folder_(folder), chip_(chip) {}

    /// `path` as the configuration means it: of no chip in particular.
    Result<Overlay> read(const std::string& path) {
        auto meant = on_this_chip(path);
        if (!meant) return std::unexpected(meant.error());
        if (!folder_.exists(meant->file)) {
            return fail((meant->file == path ? "it" : printable(meant->file, 120)) +
                        " is not on the boot partition");
        }
        const auto bytes = folder_.read(meant->file, largest_tree);
        if (!bytes) return std::unexpected(bytes.error());
        auto tree = Tree::parse(*bytes);
        if (!tree) return std::unexpected(tree.error());
        return Overlay{std::move(*tree), std::move(meant->parameters)};
    }

  private:
    void look_for_map(const std::string& folder) {
        if (looked_) return;
        looked_ = true;
        const auto bytes = folder_.read(folder + "overlay_map.dtb", largest_tree);
        if (!bytes) return;
        if (auto map = Tree::parse(*bytes)) map_ = std::move(*map);
    }

    Result<Meant> on_this_chip(const std::string& path) {
        const size_t name_at = path.rfind('/') + 1;  // 0 without a slash
        const std::string folder = path.substr(0, name_at);
        look_for_map(folder);
        if (!map_ || !path.ends_with(overlay_suffix)) return Meant{path, {}};
        const std::string name =
            path.substr(name_at, path.size() - name_at - overlay_suffix.size());
        const auto mapped = overlay_on_chip(*map_, name, chip_);
        if (!mapped) return std::unexpected(mapped.error());
        if (*mapped == name) return Meant{path, {}};
        const auto words = split(*mapped, ',');
        return Meant{folder + std::string(words.front()) + std::string(overlay_suffix),
                     {words.begin() + 1, words.end()}};
    }

    const bootfiles::Folder& folder_;
    std::string_view chip_;
    bool looked_ = false;
    std::optional<Tree> map_;
};

}  // namespace

Result<std::vector<std::string>> apply_changes(Tree& tree,
                                               const std::vector<bootfiles::TreeChange>& changes,
                                               const bootfiles::Folder& folder) {
    Notes notes;
    Overlays overlays(folder, chip_of(tree));
    for (const bootfiles::TreeChange& change : changes) {
        if (change.overlay.empty()) {
            set_all(tree, change.parameters, "dtparam", notes);
            continue;
        }
        const std::string where = "overlay " + printable(change.overlay, 120);
        auto overlay = overlays.read(change.overlay);
        auto parameters = overlay ? overlay->parameters : std::vector<std::string>();
        parameters.insert(parameters.end(), change.parameters.begin(), change.parameters.end());
        set_those_of(tree, overlay ? &overlay->tree : nullptr, parameters, notes);
        if (!overlay) {
            notes.push_back(where + ": " + overlay.error().to_string());
            continue;
        }
        set_all(overlay->tree, parameters, where, notes);
        Tree before = tree;  // a failed one leaves a tree of no use
        if (const auto done = tree.apply(std::move(overlay->tree)); !done) {
            tree = std::move(before);
            notes.push_back(where + ": " + done.error().to_string());
        }
    }
    return notes;
}

}  // namespace bootwire::devicetree
