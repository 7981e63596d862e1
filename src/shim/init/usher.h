// Between the disk's own initramfs and its system: a process that sees to it that the system finds
// what it needs of us.
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "delivery/attendant.h"
#include "handoff/arrival.h"
#include "os/fd.h"

namespace bootwire::init {

/// A child that watches process 1, which calls this, from the disk's initramfs on: as soon as it
/// becomes a program of another root, and before that runs, our things are put there, and the
/// keeper is told of the /run that they are in. Then the child ends. Until then, a /proc that the
/// initramfs mounts shows the arrival's command line, too, and in its /run the boot interface keeps
/// its name. keeper: the socket on which it is told (keeper/new_run.h). modules: theirs is told of
/// the root, too. Returns once it watches.
Result<pid_t> start_usher(const handoff::Arrival& arrival, Fd keeper, delivery::Handle modules);

}  // namespace bootwire::init
