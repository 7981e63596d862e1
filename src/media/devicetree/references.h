// An overlay's references to labels, which are open until it is applied: Documentation/devicetree/
// dynamic-resolution-notes.rst of the kernel, __fixups__ and __local_fixups__.
#pragma once

#include <map>

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

/// Is the cell a reference to a node of the overlay itself?
bool stands_for_own_node(const Tree& overlay, const CellPlace& place);

/// Gives a node a property of another one; what its cells stand for comes along, but for labels.
Status copy_property(Tree& overlay, const std::string& from, const std::string& to,
                     const std::string& name);

/// The numbers (phandles) that the overlay's nodes get: a number in the map becomes the one given
/// there, `added` is added to any other.
struct Numbering {
    std::map<uint32_t, uint32_t> others;
    uint32_t added = 0;
};

/// Gives the overlay's references to its own nodes their new numbers. Fails if __local_fixups__ has
/// a place where there is no cell.
Status renumber(Tree& overlay, const Numbering& numbering);

/// The same for the last time: __local_fixups__ is gone then. (libfdt 1.6.1 reads wherever its
/// places lead to.)
Status settle_references(Tree& overlay, const Numbering& numbering);

}  // namespace bootwire::devicetree
