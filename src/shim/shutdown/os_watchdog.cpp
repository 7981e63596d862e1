#include "shutdown/os_watchdog.h"

#include <cstdlib>

#include "base/text.h"
#include "os/log.h"

namespace bootwire::shutdown {

namespace {

constexpr char usual_device[] = "/dev/watchdog0";

}  // namespace

std::optional<std::string> running_watchdog(const char* microseconds, const char* device) {
    const auto timeout = parse_number<uint64_t>(microseconds == nullptr ? "" : microseconds);
    if (!timeout || *timeout == 0) return std::nullopt;
    return device == nullptr || *device == '\0' ? usual_device : device;
}

board::Watchdog feed_watchdog_of_os() {
    const auto device = running_watchdog(getenv("WATCHDOG_USEC"), getenv("WATCHDOG_DEVICE"));
    board::Watchdog watchdog = board::Watchdog::take_over(device ? device->c_str() : "");
    if (watchdog.present()) {
        log::info("the hardware watchdog is fed (" + std::to_string(watchdog.timeout_seconds()) +
                  " s)");
    } else if (device) {
        log::warning("cannot feed the hardware watchdog, " + printable(*device));
    }
    return watchdog;
}

}  // namespace bootwire::shutdown
