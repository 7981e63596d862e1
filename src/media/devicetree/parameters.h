// dtparam=: what a tree, or an overlay, lets be changed by name. Source: Raspberry Pi's
// documentation, "Device Trees, overlays, and parameters", part 2.2 and 4.
#pragma once

#include <string>

#include "devicetree/tree.h"

namespace bootwire::devicetree {

/// Does the tree know a parameter of that name? "name" or "name=value".
bool has_parameter(const Tree& tree, const std::string& parameter);

/// Does what the tree's __overrides__ node says about the parameter, "name" or "name=value" ("name"
/// alone is "name=on" for what can be on or off). Fails if the tree knows no such parameter, if the
/// value has the wrong form or is none of those listed, or if the declaration is of a kind that is
/// not understood.
Status set_parameter(Tree& tree, const std::string& parameter);

}  // namespace bootwire::devicetree
