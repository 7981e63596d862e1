// The disk that hangs on the session and is the machine's root.
#pragma once

#include <optional>
#include <string>

#include "overlay/sizes.h"

namespace bootwire::keeper {

/// Where its changes are, if they are kept in memory (iscsi.overlay=ram).
struct KeptOverlay {
    std::string memory;  ///< "zram1"
    overlay::Sizes sizes;
};

struct KeptDisk {
    std::string name;                      ///< the kernel's, "sda"
    std::string lun;                       ///< for a person
    std::optional<KeptOverlay> overlay{};  ///< nothing: changes are written to the disk
};

}  // namespace bootwire::keeper
