#include "devicetree/overlay_map.h"

#include "base/text.h"

namespace bootwire::devicetree {

namespace {

constexpr int most_renames = 8;  // a map that names itself in circles ends

std::string first_text(const std::string& value) {
    return value.substr(0, value.find('\0'));
}

}  // namespace

std::string_view chip_of(const Tree& tree) {
    const std::string compatible = tree.property("/", "compatible").value_or("");
    for (const std::string_view chip : {"bcm2712", "bcm2711"}) {
        if (compatible.find("brcm," + std::string(chip)) != compatible.npos) return chip;
    }
    return "bcm2835";
}

Result<std::string> overlay_on_chip(const Tree& map, std::string name, std::string_view chip) {
    for (int i = 0; i < most_renames; ++i) {
        const std::string node = "/" + name;
        if (name.find('/') != name.npos || !map.has(node)) return name;
        if (const auto renamed = map.property(node, "renamed")) {
            name = first_text(*renamed);
            continue;
        }
        if (const auto why = map.property(node, "deprecated")) {
            return fail("it is out of date: " + printable(first_text(*why), 80));
        }
        const auto there = map.property(node, std::string(chip));
        if (!there) return fail("it is not for this board");
        if (std::string file = first_text(*there); !file.empty()) return file;
        return name;
    }
    return fail("the overlay map renames it in circles");
}

}  // namespace bootwire::devicetree
