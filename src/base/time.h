// Durations, and moments of the only clock that bootwire trusts (host/os/clock.h reads it).
#pragma once

#include <chrono>

namespace bootwire {

using Milliseconds = std::chrono::milliseconds;
/// A moment, as time since the kernel started.
using Moment = std::chrono::milliseconds;

}  // namespace bootwire
