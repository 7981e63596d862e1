// What the firmware has found out and written into the running kernel's tree, for a tree that it
// has not seen.
#pragma once

#include "devicetree/tree.h"

namespace bootwire::devicetree {

/// Carries over into the disk's tree: memory and reservations (in as many cells as it counts in),
/// model and serial number, revision, MAC addresses, /chosen but for what belongs to one boot, the
/// framebuffer, the boot loader's configuration, dma-ranges, clock rates, how further CPUs start,
/// HATs. Also whatever else the firmware has changed, where the disk's tree has what ours had
/// before.
///
/// shipped: the running tree before the firmware wrote into it (devicetree/shipped.h). What is the
/// same in both is not the firmware's, and stays as the disk's tree has it. Without it, each of
/// those in the list counts as written by the firmware.
Status carry_over(const Tree& running, const std::optional<Tree>& shipped, Tree& theirs);

}  // namespace bootwire::devicetree
