// The device tree for the disk's own kernel.
#pragma once

#include <optional>

#include "base/error.h"
#include "bootfiles/boot_files.h"
#include "devicetree/tree.h"

namespace bootwire::init {

/// The disk's tree as its configuration wants it, with what firmware has written into the one in
/// use; nothing if the disk has none: the one in use goes on being used.
Result<std::optional<devicetree::Tree>> read_disks_tree(const bootfiles::BootFiles& files,
                                                        const bootfiles::Folder& folder);

}  // namespace bootwire::init
