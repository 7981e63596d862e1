// Leaving the initramfs for good.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace bootwire::handoff {

/// Moves /dev, /proc, /sys and /run into the root mounted at new_root, frees the initramfs's
/// memory and makes new_root `/`. What had been moved before a failure is where it was moved to.
Status move_into_root(const std::string& new_root);

/// This process becomes that program. Returns only on failure.
Error become(const std::string& init, const std::vector<std::string>& arguments);

}  // namespace bootwire::handoff
