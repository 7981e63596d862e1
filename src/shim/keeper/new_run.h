// The disk's own initramfs may mount a /run of its own over the one that the keeper has, and take
// that along into the system. What the keeper has there, it gets anew then, from who sees that
// /run.
#pragma once

#include <optional>

#include "base/error.h"
#include "os/fd.h"

namespace bootwire::keeper {

struct NewRun {
    Fd run;      ///< the directory itself
    Fd control;  ///< listens for bootwirectl (control/address.h)
    Fd verbs;    ///< FarewellFiles::verbs
    Fd folder;   ///< FarewellFiles::folder
};

/// Over a UNIX socket of a pair. An error if one of them is missing.
Status send_new_run(const Fd& socket, const NewRun& run);

/// Nothing if the other end is gone, or if what came is no such message.
std::optional<NewRun> receive_new_run(const Fd& socket);

}  // namespace bootwire::keeper
