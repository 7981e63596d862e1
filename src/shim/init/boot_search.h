// What a disk says about how it is started, and where on it that stands.
#pragma once

#include "board/board.h"
#include "board/watchdog.h"
#include "disk/layout.h"
#include "init/disk_stage.h"
#include "plan/plan.h"

namespace bootwire::init {

/// Fills in command_line and, in mode kexec or where there is an initramfs that may get its turn,
/// boot_place and boot_files, as far as they are there.
/// Looks at the FAT partition that the firmware would boot from, and where that starts a boot
/// loader or says nothing, at what a boot loader would read on ext2, ext3 and ext4. One partition
/// is mounted at a time, read-only, without its journal. An error if the kernel shows no such
/// partition.
Status look_at_boot_files(const disk::Layout& layout, const plan::Plan& plan,
                          const board::Board& board, board::Watchdog& watchdog, RootDisk& found);

}  // namespace bootwire::init
