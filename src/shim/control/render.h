// The report as text.
#pragma once

#include <string>

#include "control/report.h"

namespace bootwire::control {

/// For people: a subject a line, aligned. Times are UTC.
std::string in_words(const Report& report);
/// One JSON object. Times are ISO 8601 (UTC) by the clock as it is now; what ends in _s is seconds,
/// `…_at_s` since the kernel started.
std::string as_json(const Report& report);
/// Prometheus' text format (version 0.0.4), every metric with HELP and TYPE.
std::string as_prometheus(const Report& report);

}  // namespace bootwire::control
