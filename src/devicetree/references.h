// An overlay's references to labels, which are open until it is applied: Documentation/devicetree/
// dynamic-resolution-notes.rst of the kernel, __fixups__ and __local_fixups__.
#pragma once

#include "devicetree/tree.h"

namespace bootwire::devicetree {

/// A cell of a property.
struct CellPlace {
    std::string node;
    std::string property;
    size_t offset;
};

/// Gives a cell the value of another one; if that stands for a label, so does the copy. What the
/// cell stood for before is forgotten.
Status copy_cell(Tree& overlay, const CellPlace& from, const CellPlace& to);

/// The same for a number.
Status set_cell(Tree& overlay, const CellPlace& place, uint32_t value);

/// Forgets what the property's cells stand for, before it is removed or gets another value.
Status forget_cells(Tree& overlay, const std::string& node, const std::string& property);

/// Gives the node another name, by which labels and references find it again. Fails if the name is
/// none, or if a node beside it has it.
Status rename_node(Tree& tree, const std::string& path, const std::string& name);

/// Is the cell a reference to a node of the overlay itself?
bool stands_for_own_node(const Tree& overlay, const CellPlace& place);

/// Takes the node away, with what its cells and those below it stand for.
void remove_with_references(Tree& overlay, const std::string& path);

/// Merges what the overlay's node `from` has into its node `to`, where references to either lead
/// from then on. Of labels without a number (labels.h) only those in __symbols__ come along.
Status merge_nodes(Tree& overlay, const std::string& from, const std::string& to);

}  // namespace bootwire::devicetree
