// The SD card that this Pi started from, if it did: settings of a person are kept there for good,
// in bootwire.txt beside cmdline.txt.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "handoff/mount.h"
#include "plan/command_line.h"

namespace bootwire::init {

/// The first partition of the card ("mmcblk1p1") among the names of the kernel's block devices;
/// empty if there is none. A slot's number says nothing: where another controller has the Wi-Fi
/// chip, as on a Pi 4, they are numbered in the order in which their drivers were ready.
std::string card_partition(std::span<const std::string> names);

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
    enum class Access : uint8_t { read, read_write };

    /// The file system of the card that this Pi started from, mounted. Fails, with the reason as
    /// its hint, for any other card: it may be somebody else's system. running: as for
    /// is_of_this_boot().
    Result<handoff::TemporaryMount> mount_own(const plan::CommandLine& running,
                                              Access access) const;
    /// What bootwire.txt says on the card that this Pi started from; nothing if there is no such
    /// card or no such file. Waits for a card that is there, but not known yet. running: as for
    /// is_of_this_boot().
    plan::CommandLine settings(const plan::CommandLine& running) const;
    /// Writes the settings into the card's bootwire.txt, in place of what they replace, and takes
    /// words that would win over them out of its cmdline.txt, which is kept as cmdline.bak then.
    Status keep(const plan::CommandLine& settings, const plan::CommandLine& running);

  private:
    Status write_settings(const std::string& folder, const plan::CommandLine& settings);
    Status write_command_line(const std::string& folder, const plan::CommandLine& settings);

    std::string kept_;  ///< cmdline.txt as this boot has written it
};

}  // namespace bootwire::init
