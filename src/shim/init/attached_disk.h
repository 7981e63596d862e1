// What is done to a disk of the session before anything of it is read, in every mode.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "iscsi_initiator/claim.h"
#include "plan/plan.h"
#include "session/hold.h"
#include "session/scsi_disk.h"

namespace bootwire::init {

/// Holds the disk for this machine alone, if that is asked for.
Result<std::optional<session::Hold>> reserve(const session::ScsiDisk& disk,
                                             plan::Exclusive exclusive,
                                             const plan::MachineId& machine_id);

/// Of the kernel, for what goes through its page cache. disk_name: "sda".
void set_read_ahead(const std::string& disk_name, unsigned kilobytes);

}  // namespace bootwire::init
