#include "board/ending.h"

#include <linux/reboot.h>
#include <sys/reboot.h>

#include <iterator>

namespace bootwire::board {

namespace {

struct Known {
    std::string_view name;
    unsigned command;  // of reboot(2)
};
constexpr Known known_verbs[] = {
    // in the order of Verb
    {"reboot", LINUX_REBOOT_CMD_RESTART},
    {"poweroff", LINUX_REBOOT_CMD_POWER_OFF},
    {"halt", LINUX_REBOOT_CMD_HALT},
    {"kexec", LINUX_REBOOT_CMD_KEXEC},
};

const Known& known(Verb verb) {
    return known_verbs[static_cast<size_t>(verb)];
}

}  // namespace

std::optional<Verb> parse_verb(std::string_view text) {
    for (size_t i = 0; i < std::size(known_verbs); ++i) {
        if (known_verbs[i].name == text) return static_cast<Verb>(i);
    }
    return std::nullopt;
}

std::string_view to_string(Verb verb) {
    return known(verb).name;
}

void end_machine(Verb verb) {
    reboot(static_cast<int>(known(verb).command));
    if (verb == Verb::kexec) reboot(LINUX_REBOOT_CMD_RESTART);
}

}  // namespace bootwire::board
