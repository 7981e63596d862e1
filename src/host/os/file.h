// Whole small files: those of /proc and /sys, configuration on a disk, state under /run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace bootwire {

/// The file's content, at most max_size bytes: a longer file is an error, not a truncated text.
Result<std::string> read_file(const std::string& path, size_t max_size = 1 << 20);
/// Writes into an existing file in a single write(2), as sysfs and procfs want it.
Status write_control_file(const std::string& path, std::string_view content);
/// Creates or replaces the file so that a reader sees the old or the new content, never a part:
/// temporary name, fsync, rename.
Status replace_file(const std::string& path, std::string_view content, unsigned mode = 0644);
/// The same, and reads it back: for media that may not keep what they are given.
Status replace_and_verify(const std::string& path, std::string_view content);
/// The names in a folder, sorted, but for those that begin with a dot; none if it cannot be read.
std::vector<std::string> names_in(const std::string& folder);
/// Copies a file's content; what was at `to` before is overwritten.
Status copy_file(const std::string& from, const std::string& to, unsigned mode);
/// Creates the folder and those above it.
Status make_directories(const std::string& path, unsigned mode = 0755);

}  // namespace bootwire
