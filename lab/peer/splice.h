// The full feature phase between initiator and real target.
#pragma once

#include "front_login.h"

namespace bootwire::peer {

/// Passes PDUs on in both directions, StatSN and ExpStatSN shifted, until one side closes or the
/// initiator has sent `limit` PDUs; a limit of 0 is none. Says why it ended.
Error splice(PduStream& front, Spliced& spliced, size_t limit);

}  // namespace bootwire::peer
