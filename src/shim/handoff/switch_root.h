// Leaving the initramfs for good.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace bootwire::handoff {

/// Moves /dev, /proc, /sys and /run into the root mounted at new_root, frees the initramfs's
/// memory, makes new_root `/` and starts its init with the arguments. Returns only on failure; what
/// had been moved then is where it was moved to.
Error switch_root(const std::string& new_root, const std::string& init,
                  const std::vector<std::string>& arguments);

}  // namespace bootwire::handoff
