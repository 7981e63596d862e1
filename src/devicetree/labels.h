// What an overlay leaves open until it is applied: the numbers of nodes that it knows by label.
#pragma once

#include "devicetree/tree.h"

namespace bootwire::devicetree {

/// Writes the tree's numbers for the labels into the overlay, wherever its __fixups__ say that one
/// is needed, and takes __fixups__ away. Fails, and names it, if a label is not in the tree.
Status resolve_labels(const Tree& tree, Tree& overlay);

}  // namespace bootwire::devicetree
