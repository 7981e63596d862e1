// TargetAddress of redirections and SendTargets (RFC 7143 section 13.8).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/fixed_text.h"

namespace bootwire::iscsi {

inline constexpr uint16_t default_port = 3260;

/// domainname[:port][,portal-group-tag]
struct TargetAddress {
    /// A DNS name, or an address without brackets.
    FixedText<255> host;
    uint16_t port = default_port;
    std::optional<uint16_t> portal_group_tag;

    /// "192.168.1.5:3260,1", "[2001:db8::1]:3260", "disks.example,2". Nothing if host, port (1 to
    /// 65535) or tag (0 to 65535) is malformed.
    static std::optional<TargetAddress> parse(std::string_view text);
    /// The host as an address; nothing if it is a name.
    std::optional<IpAddress> address() const { return IpAddress::parse(host.view()); }
    /// "192.168.1.5:3260", brackets where needed, without the tag.
    std::string to_string() const;
    bool operator==(const TargetAddress&) const = default;
};

/// An IPv4 address or a name that DNS could know.
bool is_host(std::string_view text);

}  // namespace bootwire::iscsi
