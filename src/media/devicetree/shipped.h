// The trees that ship beside Image.gz, as they were before the firmware wrote into the one in use.
#pragma once

#include <string_view>

#include "devicetree/tree.h"

namespace bootwire::devicetree {

/// trees: one behind the other, as kernel/initramfs.sh packs them. Of those with the same
/// "compatible" as the running one, the one that differs in the fewest properties: boards that are
/// one model by name may have a tree each (bcm2712-d-rpi-5-b). Nothing if there is none, as on a
/// board whose tree is not of ours. Fails if the bytes are no trees.
Result<std::optional<Tree>> shipped_tree(std::string_view trees, const Tree& running);

}  // namespace bootwire::devicetree
