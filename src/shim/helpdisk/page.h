// What is on the help disk: the page that says what failed and what to do, and the settings to be
// changed. No I/O.
#pragma once

#include <string>

#include "plan/command_line.h"
#include "screen/view.h"

namespace bootwire::helpdisk {

/// The page for a browser; needs nothing else, no network either. Text is escaped. has_card:
/// settings may be kept on the SD card.
std::string index_page(const screen::View& view, bool has_card);

/// bootwire.txt: what a person has said there, ready to be changed, and the settings that there are
/// as comments. Secrets are not shown.
std::string settings_text(const plan::CommandLine& said, bool has_card);

}  // namespace bootwire::helpdisk
