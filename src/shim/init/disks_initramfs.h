// The archives that the disk names for its initramfs.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "board/watchdog.h"
#include "bootfiles/boot_files.h"
#include "bootfiles/folder.h"
#include "kexec/initramfs.h"

namespace bootwire::init {

/// Puts another archive behind those that are there, at a multiple of 4 bytes, as the kernel wants
/// it.
void append_archive(std::string& initramfs, std::string_view archive);

/// All of them, one behind the other. An error if one is missing, or if they are too much for this
/// board's memory.
Result<std::string> read_initramfs(const bootfiles::BootFiles& files,
                                   const bootfiles::Folder& folder, board::Watchdog& watchdog);

/// What they can do; nothing at all without archives. An error names the first one's file.
Result<kexec::InitramfsAbility> examine(const std::string& initramfs,
                                        const bootfiles::BootFiles& files);

}  // namespace bootwire::init
