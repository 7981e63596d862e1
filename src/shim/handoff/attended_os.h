// Systems that end without asking us: their init kills all processes, the keeper among them, and
// calls reboot(2) while the disk is in use. Such a system gets process numbers of its own
// (pid_namespaces(7)): its init is process 1 there and reaches what it has started, nothing else;
// and its reboot(2) ends that and tells us, who stay process 1 outside and see to the rest.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "board/ending.h"

namespace bootwire::handoff {

/// Starts init of the root that has been entered, which sees command_line as /proc/cmdline (the
/// kernel's own if that is empty), and waits until it and all of its processes have ended. Then
/// becomes the shutdown program, with what is below /run/initramfs as `/` and the system that was
/// at /oldroot, as a systemd does it. Returns only if init could not be started, or that program,
/// which is a case for reboot(2).
Error attend_os(const std::string& init, const std::vector<std::string>& arguments,
                const std::string& command_line);

/// What the system has asked of reboot(2), by how its init has ended, as wait(2) has it; nothing if
/// that has ended without asking. A halt cannot be told from switching off.
std::optional<board::Verb> asked_of_reboot(int wait_status);

}  // namespace bootwire::handoff
