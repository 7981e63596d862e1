#include "devicetree/references.h"

#include <algorithm>

#include "base/text.h"

namespace bootwire::devicetree {

namespace {

constexpr char kFixups[] = "/__fixups__";             // label = the places that wait for its number
constexpr char kLocalFixups[] = "/__local_fixups__";  // the places of numbers that will be moved

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

}  // namespace

Status copy_cell(Tree& overlay, const CellPlace& from, const CellPlace& to) {
    const auto value =
        cell_at(overlay.property(from.node, from.property).value_or(""), from.offset);
    return value ? write(overlay, &from, to, *value) : fail(name_of(from) + " is not there");
}

Status set_cell(Tree& overlay, const CellPlace& place, uint32_t value) {
    return write(overlay, nullptr, place, value);
}

}  // namespace bootwire::devicetree
