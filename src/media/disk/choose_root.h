// Which partition is the root.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "disk/layout.h"
#include "disk/root_spec.h"

namespace bootwire::disk {

struct RootChoice {
    unsigned number = 0;     ///< partition; 0: the whole disk
    uint64_t start = 0;      ///< bytes
    uint64_t size = 0;       ///< bytes
    FileSystem file_system;  ///< its type is what mount(2) takes
    std::string part_uuid;   ///< empty for the whole disk
    std::string why;         ///< "partition 2, ext4 "rootfs": root=PARTUUID=… in cmdline.txt"
    std::vector<std::string> warnings;  ///< what was asked for and is not taken, and why
};

/// The first of these:
/// 1. wish (iscsi.root=); an error if it is not there.
/// 2. cmdline_root (root= of the disk's cmdline.txt; empty: none), unless it is not on this disk,
///    which is a warning. said_in: for messages, where it is from.
/// 3. Partition 2, if it has a Linux file system.
/// 4. The only Linux file system that there is.
/// Neither of the last two for a system that is known to have no such root (Home Assistant OS,
/// LibreELEC): an error that names it, and what would work.
/// A disk without a partition table is one file system. Errors list what is there.
Result<RootChoice> choose_root(const Layout& layout, const std::optional<RootSpec>& wish,
                               std::string_view cmdline_root,
                               std::string_view said_in = "cmdline.txt");

}  // namespace bootwire::disk
