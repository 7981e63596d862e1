// The texts of single settings: each function understands the form that keys.h gives for it, and
// returns nothing for any other text.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/url.h"
#include "iscsi/target_address.h"

namespace bootwire::plan {

enum class Mode : uint8_t {
    pivot,  ///< mount the root file system and switch into it
    kexec,  ///< start the kernel on the disk
    usb,    ///< show the disk to another computer
};
std::string_view to_string(Mode mode);

/// What is done when the mode that was asked for fails.
enum class Fallback : uint8_t { none, pivot };
std::string_view to_string(Fallback fallback);

/// A server by address, or by a name that DNS has to resolve.
using Host = std::variant<IpAddress, std::string>;
std::string to_string(const Host& host);

struct Portal {
    Host host;
    uint16_t port = iscsi::default_port;  ///< TCP, 1 to 65535

    /// "192.168.1.10:3260", "[fd00::1]:3260", "nas.lan:3260".
    std::string to_string() const;
    bool operator==(const Portal&) const = default;
};

/// How long the disk waits for a lost connection; nothing means for ever.
using RecoveryTime = std::optional<std::chrono::seconds>;

/// Whether the disk is reserved for this machine alone.
enum class Exclusive : uint8_t {
    no,
    yes,      ///< unless another one holds it
    preempt,  ///< whoever holds it
};
std::string_view to_string(Exclusive exclusive);

/// Whether the disk's own initramfs looks for the root.
enum class InitramfsUse : uint8_t {
    automatic,  ///< where bootwire finds none, or the disk asks for what only that makes
    always,
    never,
};
std::string_view to_string(InitramfsUse use);

/// Where the kernel modules that did not come with the kernel are fetched from.
struct ModulesWish {
    bool wanted = true;
    std::optional<Url> from;  ///< scheme tftp or http; nothing: from where the kernel came

    std::string to_string() const;
    bool operator==(const ModulesWish&) const = default;
};

/// Where what the system writes goes.
struct OverlayUse {
    bool in_ram = false;  ///< else: to the disk
    uint64_t limit = 0;   ///< bytes of memory; 0: half of it
    bool operator==(const OverlayUse&) const = default;
};
std::string to_string(const OverlayUse& use);

/// A name as RFC 7143 section 4.2.7 and RFC 3722 have it; letters keep their case.
std::optional<std::string> parse_iscsi_name(std::string_view text);
/// In any case of letters.
std::optional<Mode> parse_mode(std::string_view text);
/// Likewise.
std::optional<Fallback> parse_fallback(std::string_view text);
/// 1 to 65535.
std::optional<uint16_t> parse_port(std::string_view text);
/// 1 to 4094.
std::optional<uint16_t> parse_vlan(std::string_view text);
/// "0" or "1"; "no", "off", "yes", "on" and an empty text (the bare word) as the kernel takes them.
std::optional<bool> parse_flag(std::string_view text);
/// "ro" is true, "rw" is false; in any case of letters.
std::optional<bool> parse_read_only(std::string_view text);
/// Seconds, 0 to 86400, or "forever".
std::optional<RecoveryTime> parse_recovery(std::string_view text);
/// "all" is false, "named" is true.
std::optional<bool> parse_named_only(std::string_view text);
/// What parse_flag() takes, or "preempt".
std::optional<Exclusive> parse_exclusive(std::string_view text);
/// "auto", "always" or "never"; in any case of letters.
std::optional<InitramfsUse> parse_initramfs_use(std::string_view text);
/// "off", in any case of letters, or a URL.
std::optional<ModulesWish> parse_modules_wish(std::string_view text);

/// "no", "ram", "ram,512M", "ram,2G"; at least 16M.
std::optional<OverlayUse> parse_overlay(std::string_view text);
/// In which folder of the TFTP server a Pi looks first.
enum class TftpPrefix : uint8_t { serial, mac, none };
/// "serial", "mac" or "none".
std::optional<TftpPrefix> parse_tftp_prefix(std::string_view text);
/// 0 to 3600.
std::optional<std::chrono::seconds> parse_patience(std::string_view text);
/// "192.168.1.10", "nas.lan", "fd00::1" or "[fd00::1]".
std::optional<Host> parse_host(std::string_view text);

struct HostAndPort {
    Host host;
    std::optional<uint16_t> port;
};
/// "192.168.1.10", "nas.lan:3261", "fd00::1", "[fd00::1]:3260".
std::optional<HostAndPort> parse_host_and_port(std::string_view text);

struct StaticAddress {
    IpPrefix address;
    std::optional<IpAddress> gateway;
    bool operator==(const StaticAddress&) const = default;
};

/// What ip= says.
struct IpSetting {
    std::optional<StaticAddress> address;  ///< nothing: DHCP
    std::string host_name;                 ///< empty: not said
    std::string device;                    ///< empty: any
    std::vector<IpAddress> dns_servers;
    std::vector<IpAddress> ntp_servers;
};
/// The kernel's form (nfsroot.rst): a single word ("dhcp", "on", "any", "both", "bootp"), or
/// client:server:gateway:netmask:host:device:autoconf:dns0:dns1:ntp, IPv6 addresses in brackets,
/// the netmask also as a prefix length. As in the kernel, a client address makes it static, and
/// without a netmask it has that of its class (an IPv6 address: 64 bits). The server, which is the
/// NFS server, is not looked at.
std::optional<IpSetting> parse_ip_setting(std::string_view text);

}  // namespace bootwire::plan
