// What the firmware has found out and written into the running kernel's tree, for a tree that it
// has not seen.
#pragma once

#include "devicetree/tree.h"

namespace bootwire::devicetree {

/// Carries over into the disk's tree: memory and reservations, model and serial number, revision,
/// MAC addresses, /chosen but for what belongs to one boot, the framebuffer, the boot loader's
/// configuration, dma-ranges, clock rates, how further CPUs start, HATs.
Status carry_over(const Tree& running, Tree& theirs);

}  // namespace bootwire::devicetree
