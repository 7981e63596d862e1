#include "devicetree/references.h"

#include <algorithm>

#include "base/text.h"

namespace bootwire::devicetree {

namespace {

constexpr char fixups_node[] = "/__fixups__";  // label = the places that wait for its number
constexpr char local_fixups_node[] =
    "/__local_fixups__";  // the places of numbers that will be moved

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
    for (const auto& [label, before] : overlay.values(fixups_node)) {
        std::string after;
        bool has_from = false;
        for (const std::string_view place : split(before, '\0')) {
            if (place.empty() || place == name_of(to)) continue;
            has_from = has_from || (from != nullptr && place == name_of(*from));
            after.append(place).append(1, '\0');
        }
        if (has_from) after.append(name_of(to)).append(1, '\0');
        if (after == before) continue;
        if (auto done = set_or_remove(overlay, fixups_node, label, after); !done) return done;
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
        return overlay.property(local_fixups_node + place.node, place.property).value_or("");
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
    return set_or_remove(overlay, local_fixups_node + to.node, to.property, changed);
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

/// fixups: a node below __local_fixups__, which has the form of the overlay.
Status renumber_below(Tree& overlay, const std::string& fixups, const Numbering& numbering) {
    const std::string node = fixups.substr(std::string_view(local_fixups_node).size());
    for (const auto& [name, places] : overlay.values(fixups)) {
        const std::string value = overlay.property(node, name).value_or("");
        for (size_t at = 0; const auto offset = cell_at(places, at); at += 4) {
            const auto own = cell_at(value, *offset);
            if (!own) {
                return fail("the overlay is damaged: it has no reference at " +
                            printable(name_of({node, name, *offset}), 120));
            }
            const auto other = numbering.others.find(*own);
            const bool has_other = other != numbering.others.end();
            overlay.replace_cell(node, name, *offset,
                                 has_other ? other->second : *own + numbering.added);
        }
    }
    for (const std::string& child : overlay.children(fixups)) {
        if (auto done = renumber_below(overlay, child, numbering); !done) return done;
    }
    return {};
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
    const std::string places = node + ":" + property + ":";
    for (const auto& [label, before] : overlay.values(fixups_node)) {
        std::string after;
        for (const std::string_view place : split(before, '\0')) {
            if (!place.empty() && !place.starts_with(places)) after.append(place).append(1, '\0');
        }
        if (after == before) continue;
        if (auto done = set_or_remove(overlay, fixups_node, label, after); !done) return done;
    }
    overlay.remove(local_fixups_node + node, property);
    return {};
}

bool stands_for_own_node(const Tree& overlay, const CellPlace& place) {
    const auto places = overlay.property(local_fixups_node + place.node, place.property);
    return places && is_local(*places, place.offset);
}

Status copy_property(Tree& overlay, const std::string& from, const std::string& to,
                     const std::string& name) {
    const auto places = overlay.property(local_fixups_node + from, name);
    Status done = overlay.set(to, name, overlay.property(from, name).value_or(""));
    if (done) done = forget_cells(overlay, to, name);
    if (done && places) done = overlay.set(local_fixups_node + to, name, *places);
    return done;
}

Status renumber(Tree& overlay, const Numbering& numbering) {
    return renumber_below(overlay, local_fixups_node, numbering);
}

Status settle_references(Tree& overlay, const Numbering& numbering) {
    if (auto done = renumber(overlay, numbering); !done) return done;
    while (overlay.has(local_fixups_node))
        overlay.remove_node(local_fixups_node);
    return {};
}

}  // namespace bootwire::devicetree
