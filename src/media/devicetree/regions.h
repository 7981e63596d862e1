// Where something is in memory: lists of addresses and sizes, "reg", in as many cells each as the
// node above says. Source: the Devicetree Specification 0.4, 2.3.5 and 2.3.6.
#pragma once

#include <string>
#include <string_view>

#include "devicetree/tree.h"

namespace bootwire::devicetree {

/// How many cells an address has, and how many a size.
struct RegionCells {
    uint32_t address = 2;
    uint32_t size = 1;

    bool operator==(const RegionCells&) const = default;
};

/// In the nodes below this one.
RegionCells region_cells(const Tree& tree, const std::string& parent);

/// The same regions in other cells. One that is too large for them becomes several, each behind the
/// other. Fails where they are not whole, or an address does not fit.
Result<std::string> in_other_cells(std::string_view regions, RegionCells from, RegionCells to);

}  // namespace bootwire::devicetree
