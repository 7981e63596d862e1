// Getting rid of file systems.
#pragma once

#include <string_view>

namespace bootwire::shutdown {

/// Unmounts all that can be (to_unmount() of what is mounted), tries for some seconds where
/// something is busy, and makes read-only what stays. Says what became of each file system of a
/// disk. Waits for as long as a disk does.
void unmount_all(std::string_view old_root);

}  // namespace bootwire::shutdown
