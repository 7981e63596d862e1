#include "control/quantities.h"

#include <algorithm>
#include <cstdio>

namespace bootwire::control {

namespace {

using namespace std::chrono_literals;

/// Without strftime(), which brings time zones and locales into the binary: 60 KB.
std::string formatted(Milliseconds since_epoch, const char* format) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
    const auto days = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date{std::chrono::sys_days(days)};
    const std::chrono::hh_mm_ss time(seconds - days);
    char text[64];
    std::snprintf(text, sizeof text, format, static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
    return text;
}

}  // namespace

std::string iso_time(Milliseconds since_epoch) {
    return formatted(since_epoch, "%04d-%02u-%02uT%02d:%02d:%02dZ");
}

std::string time_in_words(Milliseconds since_epoch) {
    return formatted(since_epoch, "%04d-%02u-%02u %02d:%02d:%02d UTC");
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
    static constexpr Unit units[] = {{86400, " d"}, {3600, " h"}, {60, " min"}, {1, " s"}};
    for (size_t i = 0; i + 1 < std::size(units); ++i) {
        if (seconds < units[i].length) continue;
        const auto rest = seconds % units[i].length / units[i + 1].length;
        std::string text = std::to_string(seconds / units[i].length) + units[i].name;
        if (rest > 0) text += " " + std::to_string(rest) + units[i + 1].name;
        return text;
    }
    return std::to_string(seconds) + " s";
}

std::string amount_in_words(uint64_t bytes) {
    static constexpr const char* units[] = {" B", " kB", " MB", " GB", " TB", " PB", " EB"};
    if (bytes < 1000) return std::to_string(bytes) + units[0];
    size_t unit = 0;
    uint64_t scale = 1;
    while (bytes / scale >= 1000) {
        scale *= 1000;
        ++unit;
    }
    const uint64_t tenths = bytes / (scale / 10);
    const std::string whole = std::to_string(tenths / 10);
    if (tenths >= 1000) return whole + units[unit];
    return whole + "." + std::to_string(tenths % 10) + units[unit];
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
