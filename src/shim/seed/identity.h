// What is to be a machine's own in a system that is a copy of another (iscsi.seed=1): the same at
// each boot, and different on another machine or from another target. No I/O.
#pragma once

#include <string>
#include <string_view>

#include "seed/ed25519.h"

namespace bootwire::seed {

/// What tells the machine and its disk from others.
struct Machine {
    std::string board;      ///< its serial number, or the digits of its MAC address
    std::string target;     ///< the disk's
    std::string host_name;  ///< that somebody gave it, by DHCP or ip=; empty: nobody
};

/// As machine-id(5) has it, without line end.
std::string machine_id(const Machine& machine);

/// The name that somebody gave, else the disk's own with the end of the board's number behind it:
/// "kiosk-abcdef". old: of /etc/hostname.
std::string host_name(const Machine& machine, std::string_view old);

/// hosts(5), where the loopback addresses have the new name in place of the old one.
std::string hosts_with(std::string_view hosts, std::string_view old, std::string_view name);

/// The private key of an SSH host. secret: the keys that the disk has had for all its copies: who
/// does not know these cannot know this one.
Ed25519Bytes ssh_private_key(const Machine& machine, std::string_view secret);

}  // namespace bootwire::seed
