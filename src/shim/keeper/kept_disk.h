// The disk that hangs on the session and is the machine's root.
#pragma once

#include <string>

namespace bootwire::keeper {

struct KeptDisk {
    std::string name;  ///< the kernel's, "sda"
    std::string lun;   ///< for a person
};

}  // namespace bootwire::keeper
