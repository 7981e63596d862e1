// Labels between a tree and its overlays. Source: Raspberry Pi's documentation, "Device Trees,
// overlays, and parameters", parts 2.1 and 2.3.
#pragma once

#include "devicetree/tree.h"

namespace bootwire::devicetree {

/// Writes the tree's numbers for the labels into the overlay, wherever its __fixups__ say that one
/// is needed, and takes __fixups__ away. Fails, and names it, if a label is not in the tree.
Status resolve_labels(const Tree& tree, Tree& overlay);

/// Takes away the labels of the overlay itself that the tree has too, but for those among its
/// __exports__. (The firmware takes away all others as well; U-Boot none.)
void hide_labels(const Tree& tree, Tree& overlay);

}  // namespace bootwire::devicetree
