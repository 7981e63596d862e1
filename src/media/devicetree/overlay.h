// The tree that the disk's config.txt describes: its own, with overlays and parameters.
#pragma once

#include <string>
#include <vector>

#include "bootfiles/boot_files.h"
#include "bootfiles/folder.h"
#include "devicetree/tree.h"

namespace bootwire::devicetree {

/// Applies the changes in their order; an overlay_map.dtb beside the overlays says which of them
/// are meant on the tree's chip. A parameter that an overlay does not have, or whose overlay is
/// missing, is the tree's own if that has it. As the Pi's firmware does, it leaves out an overlay
/// that is missing or does not fit, and a parameter that is not known; each is a line for a person.
/// Source: Raspberry Pi's documentation, "DT parameters", and dtmerge of their utils.
Result<std::vector<std::string>> apply_changes(Tree& tree,
                                               const std::vector<bootfiles::TreeChange>& changes,
                                               const bootfiles::Folder& folder);

}  // namespace bootwire::devicetree
