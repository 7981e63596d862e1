// What the firmware has found out and written into the running kernel's tree, for a tree that it
// has not seen.
#pragma once

#include "devicetree/tree.h"

namespace bootwire::devicetree {

/// Carries over into the disk's tree: memory and reservations, model and serial number, revision,
/// MAC addresses, /chosen but for what belongs to one boot, the framebuffer, the boot loader's
/// configuration, dma-ranges, clock rates, how further CPUs start, HATs; and what else the firmware
/// has changed where the disk's tree says what ours had said before.
///
/// shipped: the running tree before the firmware wrote into it (devicetree/shipped.h); what is the
/// same in both is not the firmware's, and stays the disk's. Where there is none, the firmware may
/// have written each of those that are listed.
Status carry_over(const Tree& running, const std::optional<Tree>& shipped, Tree& theirs);

}  // namespace bootwire::devicetree
