// The default way out: the disk's root file system becomes ours, and its init our successor.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "handoff/mount.h"
#include "handoff/os_network.h"

namespace bootwire::handoff {

struct Pivot {
    MountRequest root;                   ///< its target is set by pivot()
    std::string init;                    ///< absolute path; empty: the usual ones are looked for
    std::vector<std::string> arguments;  ///< for init
    std::string command_line;            ///< what the booted OS sees as /proc/cmdline
    BootInterface interface;
    std::chrono::seconds shutdown_patience{90};  ///< of the end of the system with its disk
};

/// Mounts the root, finds init on it and prepares what the OS must know. Then last_words() is
/// called, which does what must not be done before success is certain, and the OS starts. Returns
/// only on failure; the root is unmounted then.
Error pivot(const Pivot& pivot, const std::function<Status()>& last_words);

/// The first of the paths where Linux looks for init (kernel/init/main.c, kernel_init) that is a
/// program on the root mounted at new_root; or the one asked for. Errors say what is wrong with it.
Result<std::string> find_init(const std::string& new_root, const std::string& asked);

}  // namespace bootwire::handoff
