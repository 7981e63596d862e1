#include "devicetree/nodes.h"

#include <algorithm>

#include "base/text.h"
#include "devicetree/references.h"

namespace bootwire::devicetree {

namespace {

constexpr char fixups_node[] = "/__fixups__";
constexpr char local_fixups_node[] = "/__local_fixups__";
constexpr char symbols_node[] = "/__symbols__";  // label = the path of its node
constexpr char aliases_node[] = "/aliases";      // the same

constexpr size_t longest_name = 64;  // 31 by the specification; some are longer

/// Is the path, or the place in a property, that of the node or of one below it?
bool is_of(std::string_view place, std::string_view node) {
    if (!place.starts_with(node)) return false;
    place.remove_prefix(node.size());
    return place.empty() || place.front() == '/' || place.front() == ':';
}

/// In all texts of a node's properties, paths that lead to `from` lead to `to`.
Status lead_elsewhere(Tree& tree, const std::string& list, const std::string& from,
                      const std::string& to) {
    for (const auto& [name, before] : tree.values(list)) {
        std::vector<std::string> places;
        for (const std::string_view place : split(before, '\0')) {
            places.push_back(is_of(place, from) ? to + std::string(place.substr(from.size()))
                                                : std::string(place));
        }
        const std::string after = join(places, std::string_view("\0", 1));
        if (after == before) continue;
        if (auto done = tree.set(list, name, after); !done) return done;
    }
    return {};
}

bool is_number(const std::string& name) {
    return name == "phandle" || name == "linux,phandle";
}

Status copy_properties(Tree& overlay, const std::string& from, const std::string& to) {
    const bool has_number = overlay.phandle(to) != 0;
    for (const auto& [name, value] : overlay.values(from)) {
        if (has_number && is_number(name)) continue;
        if (auto done = copy_property(overlay, from, to, name); !done) return done;
    }
    return {};
}

/// Devicetree Specification 0.4, 2.2.1, and what overlays use.
bool is_name(const std::string& name) {
    constexpr std::string_view name_letters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,._+-@";
    return !name.empty() && name.size() <= longest_name &&
           name.find_first_not_of(name_letters) == name.npos;
}

}  // namespace

Status rename_node(Tree& tree, const std::string& path, const std::string& name) {
    const std::string parent = path.substr(0, path.rfind('/'));
    const std::string to = parent + "/" + name;
    if (to == path) return {};
    if (path == "/" || !is_name(name))
        return fail("\"" + printable(name, 40) + "\" is no name for a node");
    const auto siblings = tree.children(parent.empty() ? "/" : parent);
    if (std::ranges::find(siblings, to) != siblings.end())
        return fail("there is a node " + printable(to, 120) + " already");
    Status done = tree.rename(path, name);
    for (const char* const list : {fixups_node, symbols_node, aliases_node})
        if (done) done = lead_elsewhere(tree, list, path, to);
    if (done && tree.has(local_fixups_node + path))
        done = tree.rename(local_fixups_node + path, name);
    return done;
}

void remove_with_references(Tree& overlay, const std::string& path) {
    overlay.remove_node(path);
    overlay.remove_node(local_fixups_node + path);
}

Status merge_nodes(Tree& overlay, const std::string& from, const std::string& to) {
    if (auto made = overlay.add_node(to); !made) return made;
    const uint32_t other = overlay.phandle(from);
    const uint32_t number = overlay.phandle(to);
    if (other != 0 && number != 0) {
        if (auto done = renumber(overlay, {{{other, number}}, 0}); !done) return done;
    }
    if (auto done = copy_properties(overlay, from, to); !done) return done;
    for (const std::string& child : overlay.children(from)) {
        const std::string into = to + child.substr(from.size());
        if (auto done = merge_nodes(overlay, child, into); !done) return done;
    }
    return lead_elsewhere(overlay, symbols_node, from, to);
}

}  // namespace bootwire::devicetree
