// Getting rid of file systems.
#pragma once

#include <string_view>

namespace bootwire::shutdown {

/// Unmounts all that can be (to_unmount() of what is mounted), tries for some seconds where
/// something is busy, makes read-only what stays, and has the kernel write out everything. Says
/// what became of each file system of a disk. disk: ours, "sda": what is on it waits for as long as
/// it takes, since the keeper sees to a limit. Of what is anywhere else, a network's file systems
/// for example, none is waited for that hangs. Where the disk is not known (empty), all may be on
/// it.
void unmount_all(std::string_view old_root, std::string_view disk);

}  // namespace bootwire::shutdown
