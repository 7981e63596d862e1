// session → handoff, in mode usb: the session's disks on the port that a computer is attached to.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "init/machine.h"
#include "init/session_stage.h"
#include "plan/plan.h"
#include "session/hold.h"
#include "session/scsi_disk.h"

namespace bootwire::init {

struct UsbDisks {
    std::vector<session::ScsiDisk> disks;  ///< at least one
    std::optional<session::Hold> hold;     ///< of the only one, if it is held
};

/// Can so many disks be shown, and reserved if that is asked for?
Status check_usb_disks(size_t count, plan::Exclusive exclusive);

/// The LUN that was asked for, or every disk of the target where none was. With iscsi.exclusive=
/// there must be only one, which is reserved.
Result<UsbDisks> find_usb_disks(const Online& at, Progress& progress,
                                const std::function<void()>& on_progress);

/// Shows the disks until the board is told to restart (Ctrl-Alt-Del, SIGINT) or to switch itself
/// off (SIGTERM); it takes the disks out, logs out, and restarts or switches off then. Returns only
/// if that cannot go on.
Error serve_over_usb(const Online& at, const UsbDisks& usb, Machine& machine);

}  // namespace bootwire::init
