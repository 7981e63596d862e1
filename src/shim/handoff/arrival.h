// The system of a disk whose own initramfs has found and mounted the root: what it has to know of
// us is put there when its init is about to start.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

#include "base/error.h"
#include "handoff/os_fstab.h"
#include "handoff/os_network.h"
#include "os/fd.h"
#include "seed/identity.h"

namespace bootwire::handoff {

struct Arrival {
    BootInterface interface;
    OwnDisk disk;                                ///< as its fstab may name it
    std::chrono::seconds shutdown_patience{90};  ///< of the end of the system with its disk
    std::optional<seed::Machine> seed;           ///< for seed_root() (os_seed.h)
    std::string command_line;  ///< what it sees as /proc/cmdline; empty: what the kernel has
};

/// The text that is shown as /proc/cmdline (expose_command_line()), for every /proc that is mounted
/// over the one that has it.
class CommandLineCover {
  public:
    CommandLineCover() = default;  ///< of nothing
    static CommandLineCover open();

    /// Covers the one in this process's /proc, if it is not.
    void renew() const;

  private:
    Fd text_;
    dev_t device_ = 0;
};

/// Which /run the system has.
enum class Run : uint8_t {
    ours,     ///< brought along by the initramfs, or mounted there now because there was none
    another,  ///< one that the initramfs has mounted over ours
};

/// Makes the root this process's own, with /proc and a /run from which programs may be started.
/// our_run: ours, wherever that is now. An error if it cannot be entered, or can have no /run.
Result<Run> enter_root(const Fd& root, const Fd& our_run);

/// What was put into our /run goes into the one of the root that was entered, but for sockets, and
/// for files of several names, which are our programs: they are removed.
void move_into_run(const Fd& our_run);

/// What prepare_root() does besides mounting (pivot.h), in the root that was entered. init: the
/// path by which process 1 has become what it is about to run; may be empty.
void prepare_arrived(const Arrival& arrival, const std::string& init);

}  // namespace bootwire::handoff
