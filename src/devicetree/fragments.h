// The parts of an overlay, each for a node of the tree: what is settled about them before libfdt
// merges them.
#pragma once

#include "devicetree/references.h"
#include "devicetree/tree.h"

namespace bootwire::devicetree {

/// Where a node of the overlay becomes one with a node that has a number (phandle) already, that
/// number stays: the overlay's is taken away, and the numbering leads to it. libfdt does so from
/// 1.7.1 on; before, it overwrites the number, and whatever else refers to the node is lost. Labels
/// must be resolved (labels.h). Fails if the tree does not have what a fragment is for.
Result<Numbering> keep_numbers(const Tree& tree, Tree& overlay);

}  // namespace bootwire::devicetree
