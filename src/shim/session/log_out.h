// The orderly end of a session that nothing uses any more, before the OS has even begun.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "session/kernel_initiator.h"

namespace bootwire::session {

/// Has the kernel remove the disk, asks the target to close the session, and removes what is left
/// in the kernel, also after a failure: by the rules of session/farewell.h, without patience for a
/// target that is away. disk: for a person. on_progress is called at least every second meanwhile.
/// An error if the target did not say that it is logged out.
Status log_out(KernelInitiator& kernel, const KernelSession& session, const std::string& disk,
               const std::function<void()>& on_progress);

}  // namespace bootwire::session
