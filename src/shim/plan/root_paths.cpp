#include "plan/root_paths.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "iscsi_initiator/root_path.h"
#include "plan/require_name.h"

namespace bootwire::plan {

namespace {

std::optional<ChapLogin> login_of(const std::optional<iscsi::RootPathCredentials>& credentials) {
    if (!credentials) return std::nullopt;
    return ChapLogin{credentials->user, Secret(credentials->secret)};
}

/// Is there a login of which not even its ends are sure? With a blank in a secret, half of it would
/// be taken for a server and shown.
bool has_garbled_login(std::string_view root_path) {
    if (!root_path.contains('@')) return false;
    return !std::ranges::all_of(split_words(root_path),
                                [](std::string_view word) { return word.starts_with("iscsi:"); });
}

/// The first root path says which disk it is.
void take_first(const iscsi::RootPath& path, RootPaths& paths, Report& report) {
    if (!path.target.empty()) {
        if (auto status = require_name("target name", path.target); status) {
            paths.target = path.target;
        } else {
            paths.target_malformed = true;
            report.warnings.push_back(paths.source.to_string() + ": " + status.error().to_string());
        }
    }
    if (path.lun_given) paths.lun = path.lun;
    paths.chap = login_of(path.chap);
    paths.mutual_chap = login_of(path.mutual_chap);
}

/// Names that differ in upper and lower case alone are the same one (RFC 7143 section 4.2.7.1, by
/// RFC 3722). It goes out as the first root path spells it: to a lax target they may be two.
bool is_same_disk(const iscsi::RootPath& a, const iscsi::RootPath& b) {
    return same_ignoring_case(a.target, b.target) && a.lun == b.lun;
}

void add_portal(const iscsi::RootPath& path, RootPaths& paths, Report& report) {
    if (path.server.empty()) return;
    auto host = parse_host(path.server);
    if (host) {
        paths.portals.push_back({std::move(*host), path.port});
    } else {
        report.warnings.push_back(paths.source.to_string() + ": the server \"" +
                                  printable(path.server, 80) +
                                  "\" is not usable; expected an IP address or a DNS name");
    }
}

}  // namespace

std::optional<RootPaths> read_root_paths(const dhcp::Lease& lease, Report& report) {
    if (lease.root_path.empty()) return std::nullopt;
    RootPaths paths;
    paths.source = Source::dhcp(17, lease.server);
    if (has_garbled_login(lease.root_path)) {
        report.warnings.push_back(paths.source.to_string() +
                                  " is not usable (not shown, since it holds a login); expected "
                                  "iscsi:USER:SECRET@SERVER:6:PORT:LUN:TARGET without blanks");
        return std::nullopt;
    }
    const iscsi::RootPaths parsed = iscsi::parse_root_paths(lease.root_path);
    for (const Error& error : parsed.errors) {
        report.warnings.push_back(paths.source.to_string() + ": " + error.to_string());
    }
    if (parsed.paths.empty()) return std::nullopt;
    const iscsi::RootPath& first = parsed.paths.front();
    take_first(first, paths, report);
    for (const iscsi::RootPath& path : parsed.paths) {
        if (is_same_disk(path, first)) {
            add_portal(path, paths, report);
        } else {
            report.warnings.push_back(paths.source.to_string() + ": the root path " +
                                      printable(path.to_string()) +
                                      " is left out, since it is not the disk of the first one");
        }
    }
    return paths;
}

}  // namespace bootwire::plan
