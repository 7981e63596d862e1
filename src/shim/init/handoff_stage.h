// disk → handoff
#pragma once

#include "init/disk_stage.h"
#include "init/machine.h"
#include "uplink/uplink.h"

namespace bootwire::init {

/// Everything that the stages before have found out.
struct Outcome {
    const plan::Plan& plan;
    const uplink::Network& network;
    const Session& session;
    const RootDisk& disk;
};

/// Switches into the disk's root, and leaves the keeper behind. Returns only on failure.
Error hand_over(const Outcome& outcome, Machine& machine);

}  // namespace bootwire::init
