// session → disk
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "board/board.h"
#include "board/watchdog.h"
#include "bootfiles/boot_files.h"
#include "disk/choose_root.h"
#include "handoff/mount.h"
#include "handoff/os_fstab.h"
#include "init/session_stage.h"
#include "overlay/ram_overlay.h"
#include "plan/disk_cmdline.h"
#include "session/hold.h"
#include "session/scsi_disk.h"

namespace bootwire::init {

/// The root file system, and what its disk says about booting from it.
struct RootDisk {
    session::ScsiDisk disk;  ///< of the session
    std::string device;      ///< what is read and mounted: the same one, "sda", or the overlay
    std::optional<overlay::RamOverlay> overlay;  ///< takes all that is written (iscsi.overlay=ram)
    std::optional<session::Hold> hold;           ///< if it is held for this machine alone
    disk::RootChoice choice;
    std::string partition;                           ///< the root's node, "/dev/sda2", if chosen
    std::string root_flags;                          ///< mount options of the root
    std::vector<handoff::OwnPartition> partitions;   ///< all that the kernel has nodes for
    handoff::MountRequest boot_place;                ///< what boot_files' paths are on
    plan::DiskCommandLine command_line;              ///< what the disk itself says
    std::string command_line_place = "cmdline.txt";  ///< where, for a person
    /// What boot_place wants to be started; in mode pivot only what has an initramfs, which may get
    /// its turn. Nothing if there is no such place.
    std::optional<Result<bootfiles::BootFiles>> boot_files;
    /// Why the disk's own initramfs is to look for the root, for a person; empty: it need not.
    std::string initramfs_wanted;

    bool has_root() const { return !partition.empty(); }
    bool has_initramfs() const {
        return boot_files && *boot_files && !(*boot_files)->initramfs.empty();
    }
    iscsi::Lun lun() const { return iscsi::Lun::from_linux(disk.device.lun); }
};

/// An error if the disk asks for an overlay over its root, which none but its own initramfs makes,
/// and it would be written to: it may be shared.
Status check_overlay(const RootDisk& root);

/// In a forerunner (kexec/own_system.h) the disk is attached, and that is all: the root is the
/// disk's initramfs's to find. Else:
/// Attaches the session's disk, chooses the root on it, which is what the disk's command line says
/// if the plan does not (boot_search.h), or has the disk's initramfs do that, and grows the last
/// partition where the disk asks for it. With iscsi.exclusive=, the disk is reserved before
/// anything of it is read; with iscsi.overlay=ram, all that is said of it is of the overlay.
/// on_progress: called at least every second while LUNs are waited for.
Result<RootDisk> find_root_disk(const Online& at, const board::Board& board,
                                board::Watchdog& watchdog,
                                const std::function<void()>& on_progress);

}  // namespace bootwire::init
