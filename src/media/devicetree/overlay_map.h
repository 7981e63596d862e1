// Which overlay a name stands for on a chip: vc4-kms-v3d is another file on a Pi 4 than on a Pi 3.
// Source: overlays/overlay_map.dts of Raspberry Pi's kernel, and what their firmware and dtoverlay
// make of it.
#pragma once

#include <string>
#include <string_view>

#include "devicetree/tree.h"

namespace bootwire::devicetree {

/// The map's name for the chip of that tree: "bcm2712", "bcm2711", or "bcm2835" for all earlier.
std::string_view chip_of(const Tree& tree);

/// The name to load instead, or the same. Fails where the map says that the overlay is out of date
/// or not for this chip.
Result<std::string> overlay_on_chip(const Tree& map, std::string name, std::string_view chip);

}  // namespace bootwire::devicetree
