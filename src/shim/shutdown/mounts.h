// Which file systems are mounted, and in which order they can be unmounted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bootwire::shutdown {

struct Mount {
    std::string target;
    std::string type;    ///< "ext4"
    std::string source;  ///< "/dev/sda2"; "tmpfs" and the like where there is no device
    bool read_only = false;

    bool is_on_a_device() const { return source.starts_with("/dev/"); }
    /// disk: "sda". Is it that disk or a partition of it?
    bool is_on(std::string_view disk) const;
};

/// The lines of /proc/PID/mountinfo (proc_pid_mountinfo(5)). A line that is none is left out.
std::vector<Mount> parse_mountinfo(std::string_view text);

/// What is to be unmounted, the deepest first. If there is something mounted at old_root (systemd
/// has made room for us and put the system there): that and all below it. Otherwise everything
/// that is on a device except the root itself, which can only become read-only.
std::vector<Mount> to_unmount(std::vector<Mount> mounts, std::string_view old_root);

}  // namespace bootwire::shutdown
