// Times, durations and amounts as text.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace bootwire::control {

/// A time since the epoch in ISO 8601, UTC: "2026-11-24T12:03:44Z".
std::string iso_time(Milliseconds since_epoch);
/// The same for people: "2026-11-24 12:03:44 UTC".
std::string time_in_words(Milliseconds since_epoch);
/// In the two largest units that are not nothing: "2 h 11 min", "3.4 s". Negative: as 0.
std::string duration_in_words(Milliseconds duration);
/// "1.3 GB", in powers of 1000, as disks are sold.
std::string amount_in_words(uint64_t bytes);
/// Seconds with three decimals: "12.304".
std::string decimal_seconds(Milliseconds duration);

}  // namespace bootwire::control
