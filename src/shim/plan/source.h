// Where a value came from.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include "base/address.h"

namespace bootwire::plan {

struct Source {
    /// In order of precedence, the weakest first.
    enum class Kind : uint8_t {
        build_default,
        board,
        dhcp,
        card,
        command_line,
        help_disk,
        console
    };

    Kind kind = Kind::build_default;
    uint8_t dhcp_option = 0;  ///< for dhcp; 0 is the lease itself
    IpAddress dhcp_server;    ///< for dhcp: who gave it

    static Source card() { return {Kind::card, 0, {}}; }
    static Source command_line() { return {Kind::command_line, 0, {}}; }
    static Source help_disk() { return {Kind::help_disk, 0, {}}; }
    static Source console() { return {Kind::console, 0, {}}; }
    static Source board() { return {Kind::board, 0, {}}; }
    static Source dhcp(uint8_t option, const IpAddress& server) {
        return {Kind::dhcp, option, server};
    }

    /// "the kernel command line", "DHCP option 17 from 192.168.1.1", "the built-in default",
    /// "the board", "bootwire.txt of the SD card", "bootwire.txt of the help disk", "the rescue
    /// console".
    std::string to_string() const;
    auto operator<=>(const Source&) const = default;
};

template <class T>
struct Field {
    T value{};
    Source source;

    /// Did somebody ask for it, or is it what is built in?
    bool given() const { return source.kind != Source::Kind::build_default; }
};

}  // namespace bootwire::plan
