// Words that trees and overlays put into the kernel's command line. Source: Raspberry Pi's
// documentation, "Device Trees, overlays, and parameters", part 2.2.9, and dtoverlay.c of their
// utils.
#pragma once

#include "devicetree/tree.h"

namespace bootwire::devicetree {

/// The value of a property "bootargs" with further words, which win where both say something.
std::string with_words(std::string_view value, std::string_view words);

/// Puts what the tree has before what the overlay has for the same node.
Status append_bootargs(const Tree& tree, Tree& overlay);

}  // namespace bootwire::devicetree
