// What can be typed at the rescue console. No I/O.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace bootwire::rescue {

enum class Command : uint8_t {
    status,
    log,
    net,
    dhcp,
    ping,
    login,
    disks,
    set,
    mode,
    retry,
    reboot,
    poweroff,
    help,
};

struct Order {
    Command command = Command::help;
    std::string argument;  ///< what follows the command's name; may be empty
    bool secret = false;   ///< `set` of a secret, whose value is to be asked for
};

/// An empty line is `help`. Fails with a sentence for what is no command, for `set` without a known
/// key, and for a secret that was typed for all to see.
Result<Order> parse_order(std::string_view line);

/// A line for each command.
std::string_view help_text();

}  // namespace bootwire::rescue
