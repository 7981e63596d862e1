// What is needed to hold the disk again for this machine alone, or to give it back
// (iscsi.exclusive).
#pragma once

#include <cstdint>

#include "iscsi/lun.h"

namespace bootwire::session {

struct Hold {
    iscsi::Lun lun;
    uint64_t key = 0;  ///< the reservation's, never 0 (reservation_key.h)
};

}  // namespace bootwire::session
