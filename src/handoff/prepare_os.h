// The last touches to the mounted root, none of which is written to its disk: files below /run and
// bind mounts over single files.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "handoff/os_network.h"

namespace bootwire::handoff {

/// Writes the drop-ins into /run and covers, in the root mounted at new_root, the files that have
/// no drop-in: /etc/network/interfaces and interfaces.d, dhcpcd.conf, resolv.conf.
/// What cannot be done is logged and left; boot goes on.
void protect_boot_interface(const std::string& new_root, const BootInterface& interface);

/// Sees to it that the OS ends by way of our shutdown program: units for systemd, and for sysvinit
/// covers over its scripts that have the last word. What cannot be done is logged and left.
void prepare_shutdown(const std::string& new_root);

/// Shows this text as /proc/cmdline (of the procfs mounted there).
Status expose_command_line(const std::string& proc, const std::string& command_line);

/// Is there something at the path inside new_root, symbolic links followed?
bool exists_in_root(const std::string& new_root, const std::string& path);

/// Checks that the file is a program that this kernel can run: an arm64 or 32-bit ARM executable,
/// or a script. path is looked up inside new_root, symbolic links too.
Status check_program(const std::string& new_root, const std::string& path);

/// The same for the first bytes of a file; path only for the sentence.
Status check_program_header(std::string_view head, const std::string& path);

}  // namespace bootwire::handoff
