#include "control/quantities.h"

#include <time.h>

#include <algorithm>
#include <cstdio>

namespace bootwire::control {

namespace {

using namespace std::chrono_literals;

std::string formatted(Milliseconds since_epoch, const char* format) {
    const auto seconds =
        static_cast<time_t>(std::chrono::floor<std::chrono::seconds>(since_epoch).count());
    tm parts{};
    gmtime_r(&seconds, &parts);
    char text[64];
    return {text, std::strftime(text, sizeof text, format, &parts)};
}

}  // namespace

std::string iso_time(Milliseconds since_epoch) {
    return formatted(since_epoch, "%Y-%m-%dT%H:%M:%SZ");
}

std::string time_in_words(Milliseconds since_epoch) {
    return formatted(since_epoch, "%Y-%m-%d %H:%M:%S UTC");
}

std::string duration_in_words(Milliseconds duration) {
    duration = std::max(duration, 0ms);
    if (duration < 10s) {
        const auto tenths = (duration + 50ms) / 100ms;
        return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
    }
    const auto seconds = duration / 1s;
    struct Unit {
        int64_t length;
        const char* name;
    };
    static constexpr Unit kUnits[] = {{86400, " d"}, {3600, " h"}, {60, " min"}, {1, " s"}};
    for (size_t i = 0; i + 1 < std::size(kUnits); ++i) {
        if (seconds < kUnits[i].length) continue;
        const auto rest = seconds % kUnits[i].length / kUnits[i + 1].length;
        std::string text = std::to_string(seconds / kUnits[i].length) + kUnits[i].name;
        if (rest > 0) text += " " + std::to_string(rest) + kUnits[i + 1].name;
        return text;
    }
    return std::to_string(seconds) + " s";
}

std::string amount_in_words(uint64_t bytes) {
    static constexpr const char* kUnits[] = {" B", " kB", " MB", " GB", " TB", " PB", " EB"};
    if (bytes < 1000) return std::to_string(bytes) + kUnits[0];
    size_t unit = 0;
    uint64_t scale = 1;
    while (bytes / scale >= 1000) {
        scale *= 1000;
        ++unit;
    }
    const uint64_t tenths = bytes / (scale / 10);
    const std::string whole = std::to_string(tenths / 10);
    if (tenths >= 1000) return whole + kUnits[unit];
    return whole + "." + std::to_string(tenths % 10) + kUnits[unit];
}

std::string decimal_seconds(Milliseconds duration) {
    const bool negative = duration < 0ms;
    const auto count = negative ? -duration.count() : duration.count();
    char text[32];
    std::snprintf(text, sizeof text, "%s%lld.%03lld", negative ? "-" : "",
                  static_cast<long long>(count / 1000), static_cast<long long>(count % 1000));
    return text;
}

}  // namespace bootwire::control
