// Files that the kernel can start: what their first bytes say. No I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace bootwire::handoff {

/// As much of a file as these functions want to see; less is less sure.
inline constexpr size_t program_head_size = 4096;

/// Checks that these are the first bytes of an arm64 or 32-bit ARM executable, or of a script. The
/// path only for the sentence.
Status check_program_header(std::string_view head, const std::string& path);

/// The absolute path of what such a file cannot start without: the program behind a script's "#!"
/// (fs/binfmt_script.c), or an executable's loader (PT_INTERP, System V gABI). Nothing if it needs
/// none, or if the bytes don't tell.
std::optional<std::string> interpreter_of(std::string_view head);

}  // namespace bootwire::handoff
