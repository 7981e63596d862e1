// How the booted OS is brought to end in the right order: unmount, write out, log out, link down.
// Texts only; see prepare_os.h for where they go, and src/shim/shutdown/ for the program that they
// lead to.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "handoff/os_network.h"

namespace bootwire::handoff {

/// For systemd, which finds our shutdown program by itself. These units tell the keeper as soon as
/// the system begins to end, and keep out other programs that would put theirs in the place of
/// ours. patience: how long the end of the system may wait for the disk (iscsi.shutdown=);
/// systemd's hardware watchdog is to be no less patient.
std::vector<NewFile> shutdown_units(std::chrono::seconds patience);

/// What a script of sysvinit's is to do before anything else.
struct Prologue {
    std::string_view path;
    std::string_view text;
};
/// Of Debian's sysv-rc and initscripts. The scripts would take the link down and end the machine
/// before the kernel has written out the disk's cache.
std::span<const Prologue> sysvinit_prologues();

/// busybox's inittab, by which the keeper hears of it when the system begins to end, in whichever
/// way: its init starts what is there for that one after the other.
std::string inittab_that_tells(std::string_view inittab);

/// The script with the text behind its first line, the interpreter's.
std::string with_prologue(std::string_view script, std::string_view prologue);

}  // namespace bootwire::handoff
