// Overlays that patch themselves. Source: Raspberry Pi's documentation, "Device Trees, overlays,
// and parameters", part 2.4.
#pragma once

#include "devicetree/tree.h"

namespace bootwire::devicetree {

/// Merges each fragment that is for another node of the overlay into that node, and takes the
/// fragment away. These come before all others, whatever their order. Where that node is in a
/// fragment that is switched off, both are off. Labels must be resolved (labels.h). Fails if a
/// fragment is for a part of itself.
Status merge_inner_fragments(Tree& overlay);

}  // namespace bootwire::devicetree
