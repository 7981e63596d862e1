// bootwire.txt, of the help disk or the SD card: settings as a person writes them, one or several
// in a line, in the words of the command line. The file comes from somebody else's computer and may
// hold anything.
#pragma once

#include <string>
#include <string_view>

#include "plan/command_line.h"

namespace bootwire::plan {

/// The words of its lines. Lines that begin with '#' or ';' are left out; line ends and byte order
/// marks of any system are understood, UTF-16 included. before: what the file said when it was
/// written last, which is what "*" stands for as a secret's value.
CommandLine read_settings_file(std::string_view text, const CommandLine& before = {});

/// The same the other way round: a line for each word, secrets hidden.
std::string write_settings_file(const CommandLine& settings);

/// Of the words those that are settings of ours (keys.h). No other one of a foreign computer's may
/// reach a kernel or an OS: `rdinit=` and `systemd.run=` start programs there.
CommandLine known_settings(const CommandLine& words);

/// The file's text, saying those of the settings that are known, too: words that they replace are
/// gone, every other line is as it was, comments as well, and what is new stands at the end, a line
/// for each. Secrets are written out.
std::string with_settings(std::string_view file, const CommandLine& settings);

/// A cmdline.txt that has none of the words that would win over the settings: the very same if it
/// has none.
std::string without_settings(std::string_view cmdline_txt, const CommandLine& settings);

}  // namespace bootwire::plan
