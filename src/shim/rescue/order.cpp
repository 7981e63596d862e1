#include "rescue/order.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/text.h"
#include "plan/keys.h"
#include "plan/values.h"

namespace bootwire::rescue {

namespace {

struct Name {
    std::string_view text;
    Command command;
};
constexpr std::array known_orders{
    Name{"status", Command::status}, Name{"log", Command::log},
    Name{"net", Command::net},       Name{"dhcp", Command::dhcp},
    Name{"ping", Command::ping},     Name{"login", Command::login},
    Name{"disks", Command::disks},   Name{"set", Command::set},
    Name{"mode", Command::mode},     Name{"retry", Command::retry},
    Name{"reboot", Command::reboot}, Name{"poweroff", Command::poweroff},
    Name{"help", Command::help},     Name{"?", Command::help},
};

Result<Order> checked_set(Order order) {
    const size_t equals = order.argument.find('=');
    const std::string name = order.argument.substr(0, equals);
    const plan::KeyInfo* const key = plan::find_key(name);
    if (key == nullptr) {
        const std::string_view nearest = plan::nearest_key(name);
        return fail("there is no setting \"" + printable(name, 60) + "\"",
                    nearest.empty() ? "set iscsi.ip=192.168.1.10, for instance"
                                    : "do you mean " + std::string(nearest) + "=?");
    }
    if (!key->secret) {
        if (equals == order.argument.npos) {
            return fail("set " + name + "= needs a value: " + std::string(key->form));
        }
        return order;
    }
    if (equals != order.argument.npos) {
        return fail("a secret is not to be seen on a screen",
                    "type `set " + name + "` alone: it is asked for, and not shown");
    }
    order.secret = true;
    return order;
}

Result<Order> checked(Order order) {
    switch (order.command) {
        case Command::ping:
            if (!order.argument.empty()) return order;
            return fail("ping whom?", "ping 192.168.1.10, or a name");
        case Command::mode:
            if (plan::parse_mode(order.argument)) return order;
            return fail("the modes are pivot, kexec and usb", "mode kexec, for instance");
        case Command::set:
            return checked_set(std::move(order));
        default:
            return order;
    }
}

}  // namespace

Result<Order> parse_order(std::string_view line) {
    line = trim(line);
    if (line.empty()) return Order{};
    const size_t end = std::min(line.find_first_of(" \t"), line.size());
    const std::string word = lower(line.substr(0, end));
    const auto found = std::ranges::find(known_orders, word, &Name::text);
    if (found == known_orders.end()) {
        return fail("there is no command \"" + printable(word, 40) + "\"", "help lists them");
    }
    return checked({found->command, std::string(trim(line.substr(end))), false});
}

std::string_view help_text() {
    return "status        how far the boot is, and what it waits for\n"
           "log [all]     the last lines, or all of them\n"
           "net           interfaces, addresses, name servers\n"
           "dhcp          what DHCP servers have said\n"
           "ping HOST     is it there?\n"
           "login         asks the iSCSI server for its targets, with our login\n"
           "disks         the disks that this Pi sees\n"
           "set KEY=VALUE a setting, above all other sources, until the Pi is switched off\n"
           "mode MODE     pivot, kexec or usb\n"
           "retry         try again at once, with what was set\n"
           "reboot, poweroff\n";
}

}  // namespace bootwire::rescue
