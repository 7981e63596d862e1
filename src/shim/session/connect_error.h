// Why a portal cannot be connected to, for a person.
#pragma once

#include "base/address.h"
#include "base/error.h"

namespace bootwire::session {

/// error: a number of errno's, of net/tcp.h. Waiting may mend each of them.
Error connect_error(const Endpoint& portal, int error);

}  // namespace bootwire::session
