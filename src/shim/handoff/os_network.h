// What the booted OS's network managers are told so that they leave the boot interface alone: its
// address is how the root disk is reached. Texts only; see prepare_os.h for where they go.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"

namespace bootwire::handoff {

/// The interface (or the VLAN interface and the one below it) that the root disk is reached by.
struct BootInterface {
    std::vector<std::string> names;  ///< "eth0", or "eth0.5" and "eth0"
    MacAddress mac;
    std::vector<IpAddress> dns_servers;
    std::vector<IpAddress> ntp_servers;
    std::string search_domain;
    /// By DHCP: name servers may come with a later lease, even if there are none yet.
    bool leased = false;

    bool may_have_dns() const { return leased || !dns_servers.empty(); }
};

/// How a file begins that is shown in place of one of the disk's.
inline constexpr char cover_note[] =
    "# The root disk is reached over the network: bootwire shows this in place of the disk's "
    "file.\n"
    "# To change that one: mount --bind / /mnt, edit it below /mnt, umount /mnt.\n";

/// A file to create, with its absolute path.
struct NewFile {
    std::string path;
    std::string content;
};

/// systemd.link(5) for systemd-udevd: the interface's name stays what it is.
NewFile lasting_name(const BootInterface& interface);

/// Drop-ins below /run for NetworkManager (NetworkManager.conf(5), [device]), systemd-networkd
/// (systemd.network(5), Unmanaged=; both know the interface by its MAC as well, since two adapters
/// that are reset may come back under each other's name), systemd-udevd, systemd-resolved
/// (resolved.conf(5)) and systemd-timesyncd (timesyncd.conf(5)).
std::vector<NewFile> drop_ins(const BootInterface& interface);

/// Units for a systemd: what of systemd-networkd, ifupdown and connman waits for the network does
/// not (it is online: this system runs from it), and systemd.path(5) units let systemd-resolved and
/// resolvconf read again what they have of us when the keeper changes it.
std::vector<NewFile> network_units(const BootInterface& interface);

/// dhcpcd.conf(5) with these interfaces denied, and without `waitip`: see
/// dhcpcd_unit_not_waiting().
std::string dhcpcd_conf_denying(std::string_view dhcpcd_conf,
                                const std::vector<std::string>& names);

/// A unit of dhcpcd, or a drop-in of its unit, whose ExecStart= says -w (raspi-config's wait.conf):
/// dhcpcd would wait half a minute for an address on interfaces that it is denied. With -b instead
/// it goes to the background at once. Nothing if there is no such line.
std::optional<std::string> dhcpcd_unit_not_waiting(std::string_view unit);

/// connman.conf(5) in which these interfaces are on NetworkInterfaceBlacklist=, besides those that
/// are already. Nothing for a file of main.conf.d without that key. connman compares beginnings of
/// names.
std::optional<std::string> connman_conf_without(std::string_view conf, bool is_main,
                                                const std::vector<std::string>& names);

/// resolv.conf(5) with at most three servers, which is what the resolver reads.
std::string resolv_conf(const BootInterface& interface);

/// resolved.conf(5) for a drop-in.
std::string resolved_conf(const BootInterface& interface);

}  // namespace bootwire::handoff
