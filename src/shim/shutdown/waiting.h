// For how long something is waited for that is not on our disk.
#pragma once

#include <string>
#include <string_view>

#include "os/clock.h"
#include "shutdown/stall.h"

namespace bootwire::shutdown {

/// Looks at what the kernel tells. The time while our disk is away does not count: who waits may
/// wait for that (a file system in a file on it).
class Waiting {
  public:
    /// disk: "sda"; empty if not known.
    Waiting(Milliseconds limit, std::string_view disk) : stall_(limit, now()), disk_(disk) {}

    bool goes_on();

  private:
    Stall stall_;
    const std::string disk_;
};

}  // namespace bootwire::shutdown
