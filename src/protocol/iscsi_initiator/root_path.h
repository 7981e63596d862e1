// The root path that names a disk (RFC 4173 section 5, DHCP option 17):
// iscsi:SERVER:PROTOCOL:PORT:LUN:TARGET
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "iscsi/lun.h"
#include "iscsi/target_address.h"

namespace bootwire::iscsi {

struct RootPathCredentials {
    std::string user;
    std::string secret;

    bool operator==(const RootPathCredentials&) const = default;
};

struct RootPath {
    /// Address without brackets or DNS name; empty if the root path names none.
    std::string server;
    uint16_t port = default_port;
    Lun lun;
    bool lun_given = false;
    /// Any text: iscsi/name.h checks names. Empty asks for discovery.
    std::string target;
    /// dracut's extension: USER:SECRET[:REVERSE_USER:REVERSE_SECRET]@ before the server. Within
    /// them %3A is ':', %40 '@', %20 a blank and %25 '%', in either case. An iqn may have its one
    /// colon as it is where only one reading is left.
    std::optional<RootPathCredentials> chap;
    std::optional<RootPathCredentials> mutual_chap;

    /// The server as an address; nothing if it is empty or a name.
    std::optional<IpAddress> address() const { return IpAddress::parse(server); }
    /// In RFC 4173's form, without user names and secrets.
    std::string to_string() const;
    bool operator==(const RootPath&) const = default;
};

/// One root path. PROTOCOL is empty or 6, PORT empty (3260) or 1 to 65535, LUN empty (0) or
/// hexadecimal as in Lun::parse, TARGET keeps all further colons; pieces left out at the end are
/// empty. A '@' with nothing before it is passed over. An error names the piece, its value and the
/// expected form, and never a secret.
Result<RootPath> parse_root_path(std::string_view text);

/// What an option with several root paths, separated by blanks, holds: those that are well formed,
/// and an error for each other one.
struct RootPaths {
    std::vector<RootPath> paths;
    std::vector<Error> errors;
};
inline constexpr size_t max_root_paths = 16;

/// At most max_root_paths; zero bytes at the end, which some DHCP servers send, are passed over.
RootPaths parse_root_paths(std::string_view text);

}  // namespace bootwire::iscsi
