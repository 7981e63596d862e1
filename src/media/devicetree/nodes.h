// Nodes that get another name or become one, where labels and references must find them again.
#pragma once

#include "devicetree/tree.h"

namespace bootwire::devicetree {

/// Gives the node another name. Fails if the name is none, or if a node beside it has it.
Status rename_node(Tree& tree, const std::string& path, const std::string& name);

/// Takes the node of an overlay away, with what its cells stand for.
void remove_with_references(Tree& overlay, const std::string& path);

/// Merges what the overlay's node `from` has into its node `to`, to which references to either and
/// labels of both lead then. References to labels of the tree must be resolved (labels.h).
Status merge_nodes(Tree& overlay, const std::string& from, const std::string& to);

}  // namespace bootwire::devicetree
