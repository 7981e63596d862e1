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
    std::vector<std::string> warnings;  ///< what was asked for first, and why not taken
};

/// In this order: wish (iscsi.root=), which has to be there or it is an error; cmdline_root (root=
/// of the disk's cmdline.txt; empty: none), which is passed over with a warning if it is not on
/// this disk; partition 2 if it has a Linux file system; the only Linux file system there is. A
/// disk without a partition table is one file system. Errors list what is there.
Result<RootChoice> choose_root(const Layout& layout, const std::optional<RootSpec>& wish,
                               std::string_view cmdline_root,
                               std::string_view said_in = "cmdline.txt");

}  // namespace bootwire::disk
