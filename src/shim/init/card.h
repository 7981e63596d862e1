// The SD card that this Pi started from, if it did: settings of a person are kept there for good,
// in bootwire.txt beside cmdline.txt.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "plan/command_line.h"

namespace bootwire::init {

/// Is there a card whose cmdline.txt may be the one that the running kernel was started with?
bool has_own_card();

/// Does the firmware say that it took the kernel from elsewhere? boot_mode: the bytes of the device
/// tree's /chosen/bootloader/boot-mode, a digit of BOOT_ORDER; older firmware gives none.
bool started_elsewhere(std::string_view boot_mode);

/// Fails, with the reason as its hint, unless the text is the cmdline.txt of this boot: the
/// firmware puts its own words before those of cmdline.txt, leaves none of them out, and changes
/// none but serial consoles. Values count, and an empty one proves nothing. running: the kernel's
/// own command line, with its secrets. kept: what this boot has written there itself, if it has. No
/// message has a word of any of them.
Status is_of_this_boot(std::string_view cmdline_txt, const plan::CommandLine& running,
                       std::string_view kept = {});

class Card {
  public:
    /// What bootwire.txt says on the card that this Pi started from; nothing if there is no such
    /// card or no such file. Waits for a card that is there, but not known yet. running: as for
    /// is_of_this_boot().
    plan::CommandLine settings(const plan::CommandLine& running) const;
    /// Writes the settings into the card's bootwire.txt, in place of what they replace, and takes
    /// words that would win over them out of its cmdline.txt, which is kept as cmdline.bak then.
    /// Refuses a card that this Pi was not started from: it may be somebody else's system.
    Status keep(const plan::CommandLine& settings, const plan::CommandLine& running);

  private:
    Status write_settings(const std::string& folder, const plan::CommandLine& settings);
    Status write_command_line(const std::string& folder, const std::string& old,
                              const plan::CommandLine& settings);

    std::string kept_;  ///< cmdline.txt as this boot has written it
};

}  // namespace bootwire::init
