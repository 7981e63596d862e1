// The SD card that this Pi started from, if it did: its cmdline.txt is where settings of a person
// are kept for good.
#pragma once

#include "base/error.h"
#include "plan/command_line.h"

namespace bootwire::init {

/// Is there a card whose cmdline.txt may be the one that the running kernel was started with?
bool has_own_card();

/// Writes the settings into the card's cmdline.txt, in place of what they replace; what was there
/// is kept as cmdline.bak. Refuses a card that this Pi was not started from: it may be somebody
/// else's system. running: the kernel's own command line.
Status keep_on_card(const plan::CommandLine& settings, const plan::CommandLine& running);

}  // namespace bootwire::init
