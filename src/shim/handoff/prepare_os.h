// The last touches to the mounted root, none of which is written to its disk: files below /run and
// bind mounts over single files.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"
#include "handoff/os_fstab.h"
#include "handoff/os_network.h"

namespace bootwire::handoff {

/// Is systemd what this init is, or what it leads to (a first-boot script hands over to /sbin/init,
/// or there is no such file and the script knows)? Only then may /run/systemd/system be there:
/// Debian's init scripts take that folder for a running systemd (init-functions.d/40-systemd) and
/// leave everything to it.
bool leads_to_systemd(const std::string& new_root, const std::string& init);

/// Is this init a program that has the last word itself: neither systemd, nor started beside the
/// scripts of Debian's sysvinit and OpenRC, which we cover? busybox, openrc-init and runit are
/// such. A script is none: it is not known what becomes of it.
bool ends_without_asking(const std::string& new_root, const std::string& init);

/// For a disk's own initramfs, whose udev would rename the interface (Linux does that to one that
/// is up): writes lasting_name() into the /run that this process sees, if it is not there.
void keep_interface_name(const BootInterface& interface);

/// Writes the drop-ins into /run and covers, in the root mounted at new_root, the files that have
/// no drop-in: /etc/network/interfaces and interfaces.d, dhcpcd.conf and what has dhcpcd wait,
/// connman's main.conf, resolv.conf.
/// What cannot be done is logged and left; boot goes on.
void protect_boot_interface(const std::string& new_root, const BootInterface& interface,
                            bool with_systemd);

/// Covers an /etc/fstab that names the partitions of a card where this disk's are meant.
void heal_fstab(const std::string& new_root, const OwnDisk& disk, bool with_systemd);

/// Lets login shells find our programs in /run, if there is an /etc/profile.
void show_programs(const std::string& new_root, bool with_systemd);

/// Sees to it that the OS ends by way of our shutdown program: units for systemd, and for Debian's
/// sysvinit and OpenRC covers over the scripts that have the last word. What cannot be done is
/// logged and left. patience: see shutdown_units().
void prepare_shutdown(const std::string& new_root, bool with_systemd,
                      std::chrono::seconds patience);

/// Has busybox's init tell the keeper when the system begins to end, if that is the init and there
/// is an /etc/inittab.
void have_busybox_tell(const std::string& new_root, const std::string& init);

/// The file that is shown as /proc/cmdline.
inline constexpr char shown_command_line[] = "/run/bootwire/cmdline";
/// Shows this text as /proc/cmdline (of the procfs mounted there).
Status expose_command_line(const std::string& proc, const std::string& command_line);

/// Is there something at the path inside new_root, symbolic links followed?
bool exists_in_root(const std::string& new_root, const std::string& path);

/// Checks that the file is a program that this kernel can run: an arm64 or 32-bit ARM executable
/// whose loader is there, or a script whose interpreter is such a program. path is looked up inside
/// new_root, symbolic links too. depth: so many interpreters may be scripts (the kernel's limit).
Status check_program(const std::string& new_root, const std::string& path, int depth = 4);

}  // namespace bootwire::handoff
