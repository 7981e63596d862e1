// Paths of a mounted root, as if it were `/` already: absolute symbolic links stay inside.
#pragma once

#include <string>

#include "os/fd.h"

namespace bootwire::handoff {

/// Invalid, with errno, if it cannot be opened. flags: those of open(2).
Fd open_in_root(const std::string& root, const std::string& path, int flags);

/// By which system calls that want a path get at what is open.
std::string path_of(const Fd& fd);

/// Where inside the root the path leads to, without symbolic links; nothing if it leads nowhere.
std::string real_path_in_root(const std::string& root, const std::string& path);

}  // namespace bootwire::handoff
