// What a Raspberry Pi's firmware would start, from its config.txt and its default names.
#pragma once

#include "bootfiles/boot_files.h"
#include "bootfiles/config_txt.h"

namespace bootwire::bootfiles {

/// An error if there is no kernel under the name that config.txt or the board's default gives, if
/// that is one for 32 bit, or if a file that config.txt names is not there.
Result<BootFiles> choose_as_firmware(const ConfigTxt& config, const Folder& folder,
                                     const Board& board);

/// The command line alone, whether or not the other files are there.
DiskWords words_as_firmware(const ConfigTxt& config, const Folder& folder, const Board& board);

}  // namespace bootwire::bootfiles
