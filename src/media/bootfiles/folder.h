// Files of a boot partition, wherever they are: what the readers of boot configuration look at.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"

namespace bootwire::bootfiles {

/// Paths are relative to the partition's root, with '/' between folders.
class Folder {
  public:
    virtual ~Folder() = default;

    virtual bool exists(const std::string& path) const = 0;
    /// The file's content, at most max_size bytes: a longer file is an error.
    virtual Result<std::string> read(const std::string& path, size_t max_size) const = 0;
    /// The names in a folder, in any order; none if there is no such folder.
    virtual std::vector<std::string> list(const std::string& path) const = 0;
};

/// The path without leading and doubled slashes and "." parts; empty if it leads out of the
/// partition ("..") or is longer than 1024 bytes.
std::string clean_path(std::string_view path);

}  // namespace bootwire::bootfiles
