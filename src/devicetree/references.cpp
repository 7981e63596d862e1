#include "devicetree/references.h"

#include <algorithm>

#include "base/text.h"

namespace bootwire::devicetree {

namespace {

constexpr char kFixups[] = "/__fixups__";             // label = the places that wait for its number
constexpr char kSymbols[] = "/__symbols__";           // label = the path of its node
constexpr char kAliases[] = "/aliases";               // the same
constexpr char kLocalFixups[] = "/__local_fixups__";  // the places of numbers that will be moved

constexpr size_t kLongestName = 64;  // 31 by the specification; some are longer

std::string name_of(const CellPlace& place) {
    return place.node + ":" + place.property + ":" + std::to_string(place.offset);
}

Status set_or_remove(Tree& tree, const std::string& node, const std::string& name,
                     const std::string& value) {
    if (!value.empty()) return tree.set(node, name, value);
    tree.remove(node, name);
    return {};
}

/// `to` waits for the label that `from` waits for, and for no other.
Status copy_fixup(Tree& overlay, const CellPlace* from, const CellPlace& to) {
    for (const auto& [label, before] : overlay.values(kFixups)) {
        std::string after;
        bool has_from = false;
        for (const std::string_view place : split(before, '\0')) {
            if (place.empty() || place == name_of(to)) continue;
            has_from = has_from || (from != nullptr && place == name_of(*from));
            after.append(place).append(1, '\0');
        }
        if (has_from) after.append(name_of(to)).append(1, '\0');
        if (after == before) continue;
        if (auto done = set_or_remove(overlay, kFixups, label, after); !done) return done;
    }
    return {};
}

bool is_local(const std::string& places, size_t offset) {
    for (size_t at = 0; at + 4 <= places.size(); at += 4) {
        if (cell_at(places, at) == offset) return true;
    }
    return false;
}

Status copy_local_fixup(Tree& overlay, const CellPlace* from, const CellPlace& to) {
    const auto places = [&](const CellPlace& place) {
        return overlay.property(kLocalFixups + place.node, place.property).value_or("");
    };
    std::string changed = places(to);
    const bool wanted = from != nullptr && is_local(places(*from), from->offset);
    if (wanted == is_local(changed, to.offset)) return {};
    if (wanted) {
        changed += cell(static_cast<uint32_t>(to.offset));
    } else {
        std::string rest;
        for (size_t at = 0; at + 4 <= changed.size(); at += 4) {
            if (cell_at(changed, at) != to.offset) rest += changed.substr(at, 4);
        }
        changed = rest;
    }
    return set_or_remove(overlay, kLocalFixups + to.node, to.property, changed);
}

Status write(Tree& overlay, const CellPlace* from, const CellPlace& to, uint32_t value) {
    std::string whole = overlay.property(to.node, to.property).value_or("");
    if (whole.size() < to.offset + 4) whole.resize(to.offset + 4);
    whole.replace(to.offset, 4, cell(value));
    Status done = overlay.set(to.node, to.property, whole);
    if (done) done = copy_fixup(overlay, from, to);
    if (done) done = copy_local_fixup(overlay, from, to);
    return done;
}

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

/// References to the overlay's node with that number lead to one with another.
void lead_to_other(Tree& overlay, const std::string& fixups, uint32_t from, uint32_t to) {
    const std::string node = fixups.substr(std::string_view(kLocalFixups).size());
    for (const auto& [name, places] : overlay.values(fixups)) {
        const std::string value = overlay.property(node, name).value_or("");
        for (size_t at = 0; const auto offset = cell_at(places, at); at += 4)
            if (cell_at(value, *offset) == from) overlay.replace_cell(node, name, *offset, to);
    }
    for (const std::string& child : overlay.children(fixups))
        lead_to_other(overlay, child, from, to);
}

bool is_number(const std::string& name) {
    return name == "phandle" || name == "linux,phandle";
}

/// With what its cells stand for.
Status copy_properties(Tree& overlay, const std::string& from, const std::string& to) {
    const bool has_number = overlay.phandle(to) != 0;
    for (const auto& [name, value] : overlay.values(from)) {
        if (has_number && is_number(name)) continue;
        const auto places = overlay.property(kLocalFixups + from, name);
        Status done = overlay.set(to, name, value);
        if (done) done = forget_cells(overlay, to, name);
        if (done && places) done = overlay.set(kLocalFixups + to, name, *places);
        if (!done) return done;
    }
    return {};
}

/// Devicetree Specification 0.4, 2.2.1, and what overlays use.
bool is_name(const std::string& name) {
    constexpr std::string_view kLetters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,._+-@";
    return !name.empty() && name.size() <= kLongestName &&
           name.find_first_not_of(kLetters) == name.npos;
}

}  // namespace

Status copy_cell(Tree& overlay, const CellPlace& from, const CellPlace& to) {
    const auto value =
        cell_at(overlay.property(from.node, from.property).value_or(""), from.offset);
    return value ? write(overlay, &from, to, *value) : fail(name_of(from) + " is not there");
}

Status set_cell(Tree& overlay, const CellPlace& place, uint32_t value) {
    return write(overlay, nullptr, place, value);
}

Status forget_cells(Tree& overlay, const std::string& node, const std::string& property) {
    const std::string places = node + ":" + property;
    for (const auto& [label, before] : overlay.values(kFixups)) {
        std::string after;
        for (const std::string_view place : split(before, '\0')) {
            if (!place.empty() && !is_of(place, places)) after.append(place).append(1, '\0');
        }
        if (after == before) continue;
        if (auto done = set_or_remove(overlay, kFixups, label, after); !done) return done;
    }
    overlay.remove(kLocalFixups + node, property);
    return {};
}

Status rename_node(Tree& tree, const std::string& path, const std::string& name) {
    const std::string parent = path.substr(0, path.rfind('/'));
    const std::string to = parent + "/" + name;
    if (to == path) return {};
    if (!is_name(name)) return fail("\"" + printable(name, 40) + "\" is no name for a node");
    const auto siblings = tree.children(parent.empty() ? "/" : parent);
    if (std::ranges::find(siblings, to) != siblings.end())
        return fail("there is a node " + printable(to, 120) + " already");
    Status done = tree.rename(path, name);
    for (const char* const list : {kFixups, kSymbols, kAliases})
        if (done) done = lead_elsewhere(tree, list, path, to);
    if (done && tree.has(kLocalFixups + path)) done = tree.rename(kLocalFixups + path, name);
    return done;
}

bool stands_for_own_node(const Tree& overlay, const CellPlace& place) {
    const auto places = overlay.property(kLocalFixups + place.node, place.property);
    return places && is_local(*places, place.offset);
}

void remove_with_references(Tree& overlay, const std::string& path) {
    overlay.remove_node(path);
    overlay.remove_node(kLocalFixups + path);
}

Status merge_nodes(Tree& overlay, const std::string& from, const std::string& to) {
    if (auto made = overlay.add_node(to); !made) return made;
    const uint32_t other = overlay.phandle(from);
    const uint32_t number = overlay.phandle(to);
    if (other != 0 && number != 0) lead_to_other(overlay, kLocalFixups, other, number);
    if (auto done = copy_properties(overlay, from, to); !done) return done;
    for (const std::string& child : overlay.children(from)) {
        const std::string into = to + child.substr(from.size());
        if (auto done = merge_nodes(overlay, child, into); !done) return done;
    }
    return lead_elsewhere(overlay, kSymbols, from, to);
}

}  // namespace bootwire::devicetree
