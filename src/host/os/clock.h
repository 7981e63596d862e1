// Time since the kernel started, the only clock bootwire trusts: a Pi has no battery.
#pragma once

#include <time.h>

#include <cerrno>
#include <chrono>

#include "base/time.h"

namespace bootwire {

/// CLOCK_BOOTTIME, so that a suspended time counts.
inline Moment now() {
    timespec ts{};
    clock_gettime(CLOCK_BOOTTIME, &ts);
    return std::chrono::seconds(ts.tv_sec) + std::chrono::milliseconds(ts.tv_nsec / 1'000'000);
}

/// No less than that, whatever signals come. (std::this_thread's would bring libstdc++'s threads
/// along.)
inline void sleep_for(Milliseconds duration) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
    timespec left{seconds.count(), (duration - seconds).count() * 1'000'000};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
    }
}

}  // namespace bootwire
