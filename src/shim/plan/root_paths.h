// What DHCP option 17 says about the disk (RFC 4173).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dhcp/lease.h"
#include "iscsi/lun.h"
#include "plan/chap_login.h"
#include "plan/settings.h"
#include "plan/values.h"

namespace bootwire::plan {

/// The root paths of one lease, taken together as one disk.
struct RootPaths {
    std::vector<HostAndPort> portals;   ///< in order; empty: no root path names a server
    std::optional<std::string> target;  ///< a valid iSCSI name; nothing: none is named
    bool target_malformed = false;      ///< one is named, and it is no iSCSI name
    std::optional<iscsi::Lun> lun;
    std::optional<ChapLogin> chap;
    std::optional<ChapLogin> mutual_chap;
    Source source;
};

/// Reads all root paths in the lease's option 17, separated by blanks. The first usable one sets
/// target, LUN and login; a later one that names another target or LUN is left out with a warning,
/// as is a malformed one. Nothing if the lease has no usable one. Warnings show no secret.
std::optional<RootPaths> read_root_paths(const dhcp::Lease& lease, Report& report);

}  // namespace bootwire::plan
