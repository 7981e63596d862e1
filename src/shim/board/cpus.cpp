#include "board/cpus.h"

#include <unistd.h>

#include "base/text.h"
#include "os/file.h"
#include "os/log.h"

namespace bootwire::board {

Result<unsigned> online_state_number(const std::string& states) {
    for (const std::string_view line : split(states, '\n')) {
        const size_t colon = line.find(':');
        if (colon == line.npos || trim(line.substr(colon + 1)) != "online") continue;
        if (const auto number = parse_number<unsigned>(trim(line.substr(0, colon)))) return *number;
    }
    return fail("the kernel names no CPU state \"online\"");
}

Result<unsigned> start_all_cpus(const std::string& sysfs_cpus) {
    const auto states = read_file(sysfs_cpus + "/hotplug/states");
    if (!states) return std::unexpected(states.error());
    const auto online = online_state_number(*states);
    if (!online) return std::unexpected(online.error());

    unsigned running = 0;
    for (unsigned cpu = 0;; ++cpu) {
        const std::string target = sysfs_cpus + "/cpu" + std::to_string(cpu) + "/hotplug/target";
        if (access(target.c_str(), F_OK) != 0) break;
        const auto state = read_file(sysfs_cpus + "/cpu" + std::to_string(cpu) + "/hotplug/state");
        const bool runs = state && trim(*state) == std::to_string(*online);
        const auto started = runs ? Status() : write_control_file(target, std::to_string(*online));
        if (started) {
            ++running;
        } else {
            log::warning("CPU " + std::to_string(cpu) + " does not start: " + started.error().what);
        }
    }
    return running;
}

}  // namespace bootwire::board
