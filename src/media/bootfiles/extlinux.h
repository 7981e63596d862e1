// extlinux.conf: a menu, of which the default entry is started without being shown.
// Source: the Boot Loader Specification's predecessor as U-Boot reads it (doc/README.distro,
// boot/pxe_utils.c).
#pragma once

#include <string_view>

#include "bootfiles/boot_files.h"

namespace bootwire::bootfiles {

/// path: of the file, for messages and because relative names are looked for beside it. The board
/// says which tree of a folder (fdtdir) is meant. An error if it names no kernel, or one that is
/// not there.
Result<BootFiles> read_extlinux(std::string_view text, const std::string& path,
                                const Folder& folder, const Board& board);

/// The words of the entry that would be started, whether or not its files are there; nothing if
/// there is no entry.
std::optional<DiskWords> extlinux_words(std::string_view text, const std::string& path);

}  // namespace bootwire::bootfiles
