// Time since the kernel started, the only clock bootwire trusts: a Pi has no battery.
#pragma once

#include <time.h>

#include <chrono>

namespace bootwire {

using Milliseconds = std::chrono::milliseconds;
/// A moment, as time since kernel start (CLOCK_BOOTTIME, so that a suspended time counts).
using Moment = std::chrono::milliseconds;

inline Moment now() {
    timespec ts{};
    clock_gettime(CLOCK_BOOTTIME, &ts);
    return std::chrono::seconds(ts.tv_sec) + std::chrono::milliseconds(ts.tv_nsec / 1'000'000);
}

}  // namespace bootwire
