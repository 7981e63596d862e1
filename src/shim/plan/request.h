// The first stage: what is known before the network is up, and what the network has to know.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dhcp/client.h"
#include "eeprom/boot_order.h"
#include "plan/command_line.h"
#include "plan/settings.h"
#include "plan/source.h"
#include "plan/values.h"

namespace bootwire::plan {

/// What bringing up the network needs to know.
struct NetworkRequest {
    Field<std::optional<StaticAddress>> address;  ///< nothing: DHCP
    Field<std::string> interface;                 ///< the only one to use; empty: any wired one
    Field<std::optional<uint16_t>> vlan;          ///< 1 to 4094; nothing: untagged
    Field<std::vector<IpAddress>> dns_servers;    ///< to be used instead of those of DHCP
    Field<std::vector<IpAddress>> ntp_servers;    ///< the same for NTP
    Field<std::string> host_name;                 ///< empty: what DHCP says
    /// Required if nothing else names the server, preferred if nothing else names the target.
    dhcp::RootPathPolicy root_path = dhcp::RootPathPolicy::required;
};

/// What people have said, in the words of the command line. Holds secrets.
struct Given {
    CommandLine command_line;
    CommandLine card{};       ///< bootwire.txt of the SD card; the command line counts more
    CommandLine help_disk{};  ///< bootwire.txt, as a person has changed it
    CommandLine console{};    ///< typed at the rescue console

    /// One line that says the same: where a stronger source names a key, the weaker one's word is
    /// left out.
    CommandLine as_one_line() const;
};

/// What the bootloader's EEPROM is to say, on boards that have one.
struct BootloaderWishes {
    Field<eeprom::OrderWish> order;                  ///< what is tried in which order
    Field<std::optional<TftpPrefix>> tftp_prefix{};  ///< nothing: as it is
};

/// What the operator asked for, as far as it is known before DHCP. Holds secrets.
struct Request {
    Settings settings;
    NetworkRequest network;
    BootloaderWishes bootloader;
    Field<bool> splash{true, {}};          ///< draw on a screen, if there is one
    Field<bool> rescue_console{true, {}};  ///< listen to who types something
    Field<bool> help_disk{true, {}};       ///< show a disk at the USB port when the boot fails
};

/// Never fails: what is malformed is a warning, and the next source counts.
Request read_request(const Given& given, Report& report);

}  // namespace bootwire::plan
