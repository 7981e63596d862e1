// The parts of an overlay, each for a node of the tree: what is settled about them before libfdt
// merges them.
#pragma once

#include "devicetree/references.h"
#include "devicetree/tree.h"

namespace bootwire::devicetree {

/// The nodes of what is to be merged: "/fragment@0/__overlay__".
std::vector<std::string> contents_of_fragments(const Tree& overlay);

/// The path of the tree's node into which libfdt will merge one of them. Labels must be resolved
/// (labels.h). Fails if there is no such node and no fragment before can make it.
Result<std::string> target_of(const Tree& tree, const Tree& overlay, const std::string& contents);

/// Where a node of the overlay becomes one with a node that has a number (phandle) already, that
/// number stays: the overlay's is taken away, and the numbering leads from it to the other. libfdt
/// does so from 1.7.1 on; before, it overwrites the number, and whatever else refers to the node is
/// lost.
Result<Numbering> keep_numbers(const Tree& tree, Tree& overlay);

}  // namespace bootwire::devicetree
