// The default way out: the disk's root file system becomes ours, and its init our successor.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "handoff/mount.h"
#include "handoff/os_fstab.h"
#include "handoff/os_network.h"
#include "seed/identity.h"

namespace bootwire::handoff {

/// Where prepare_root() mounts it.
inline constexpr char new_root_folder[] = "/newroot";

struct Pivot {
    MountRequest root;                   ///< its target is set by prepare_root()
    bool never_write = false;            ///< the disk itself says that it is to be read only
    bool overlay_settled = false;        ///< its command line says that there is to be no overlay
    std::string init;                    ///< absolute path; empty: the usual ones are looked for
    std::vector<std::string> arguments;  ///< for init
    std::string command_line;            ///< what the booted OS sees as /proc/cmdline
    std::optional<seed::Machine> seed;   ///< for seed_root() (os_seed.h)
    BootInterface interface;
    OwnDisk disk;                                ///< as its fstab may name it
    std::chrono::seconds shutdown_patience{90};  ///< of the end of the system with its disk
};

/// Which of /dev, /proc, /sys and /run are not there: the kernel's file systems move into them.
std::vector<std::string> missing_folders(const std::string& new_root);

/// Mounts the root, finds init on it and prepares what the OS must know. Returns the path of that
/// init. The folders that a root has to have are made where it has none (NixOS's own initramfs
/// would do that), and what seed_root() writes if it is asked for; nothing else is written. On
/// failure nothing is left mounted.
Result<std::string> prepare_root(const Pivot& pivot);

/// Unmounts what prepare_root() has mounted: it is not switched into after all.
void leave_root();

/// The prepared root becomes ours, and its init, by path, our successor; or we wait for the end of
/// a system that would end without us (attended_os.h). Returns only on failure; what was ours is
/// gone then.
Error start_os(const std::string& init, const Pivot& pivot);

/// The first of the paths where Linux looks for init (kernel/init/main.c, kernel_init) that is a
/// program on the root mounted at new_root; or the one asked for. Errors say what is wrong with it.
Result<std::string> find_init(const std::string& new_root, const std::string& asked);

}  // namespace bootwire::handoff
