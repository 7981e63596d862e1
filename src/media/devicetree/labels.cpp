#include "devicetree/labels.h"

#include "base/text.h"

namespace bootwire::devicetree {

namespace {

constexpr char fixups_node[] = "/__fixups__";
constexpr char symbols_node[] = "/__symbols__";

/// dtc takes the path of <&{/soc}> for a label.
std::optional<std::string> path_of(const Tree& tree, const std::string& label) {
    return label.starts_with('/') ? label : tree.property(symbols_node, label);
}

Result<uint32_t> number_of(const Tree& tree, const std::string& label) {
    const auto path = path_of(tree, label);
    const std::string shown = "the label " + printable(label, 60);
    if (!path) {
        return fail("the device tree does not have " + shown,
                    "the overlay is for another board, or for another kernel's device trees");
    }
    const uint32_t number = tree.phandle(path->substr(0, path->find('\0')));
    if (number == 0) return fail(shown + " of the device tree leads nowhere");
    return number;
}

/// place: "/node:property:offset"
bool write_at(Tree& overlay, std::string_view place, uint32_t number) {
    const size_t offset_at = place.rfind(':');
    if (offset_at == place.npos || offset_at == 0) return false;
    const auto offset = parse_number<uint32_t>(place.substr(offset_at + 1));
    const size_t name_at = place.rfind(':', offset_at - 1);
    if (!offset || name_at == place.npos) return false;
    return overlay.replace_cell(std::string(place.substr(0, name_at)),
                                std::string(place.substr(name_at + 1, offset_at - name_at - 1)),
                                *offset, number);
}

}  // namespace

Status resolve_labels(const Tree& tree, Tree& overlay) {
    for (const auto& [label, places] : overlay.values(fixups_node)) {
        if (!tree.has(symbols_node)) {
            return fail(
                "the device tree has no labels, which overlays need",
                "take a tree that was compiled with them (dtc -@), as Raspberry Pi OS has it");
        }
        const auto number = number_of(tree, label);
        if (!number) return std::unexpected(number.error());
        for (const std::string_view place : split(places, '\0')) {
            if (place.empty() || write_at(overlay, place, *number)) continue;
            return fail("the overlay is damaged: it has no " + printable(place, 120) +
                        " for the label " + printable(label, 60));
        }
    }
    while (overlay.has(fixups_node))
        overlay.remove_node(fixups_node);
    return {};
}

void hide_labels(const Tree& tree, Tree& overlay) {
    for (const auto& [label, path] : overlay.values(symbols_node)) {
        if (!tree.property(symbols_node, label) || overlay.property("/__exports__", label))
            continue;
        overlay.remove(symbols_node, label);
    }
}

}  // namespace bootwire::devicetree
