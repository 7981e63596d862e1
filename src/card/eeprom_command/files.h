// Reading and writing whole files so that nobody is left with half of one.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/error.h"

namespace bootwire::eeprom_command {

bool exists(const std::string& path);

/// Writes a file, or replaces a regular one, links followed: under another name in the same folder,
/// synced, read back and compared, renamed. Where anything fails, what was there stays.
Status write_and_compare(const std::string& path, Bytes content);

/// Asks for yes or no on the terminal; an error where there is none, that names the option --yes.
Result<bool> ask(const std::string& question);

}  // namespace bootwire::eeprom_command
