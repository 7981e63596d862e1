// The disk that is held for this machine alone (iscsi.exclusive): what whoever holds it again, or
// gives it back, has to know.
#pragma once

#include <cstdint>

#include "iscsi/lun.h"

namespace bootwire::session {

struct Hold {
    iscsi::Lun lun;
    uint64_t key = 0;  ///< the reservation's, never 0 (reservation_key.h)
};

}  // namespace bootwire::session
