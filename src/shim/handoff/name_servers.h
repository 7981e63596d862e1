// Name servers of the booted system that change while it runs.
#pragma once

#include <string>

#include "base/error.h"
#include "handoff/os_network.h"
#include "os/fd.h"

namespace bootwire::handoff {

/// Below /run: the resolv.conf that prepare_os.h shows as the root's /etc/resolv.conf.
inline constexpr char resolv_conf_in_run[] = "bootwire/covers/_etc_resolv.conf";

/// Below /run: what Debian's resolvconf(8) has of us.
std::string resolvconf_record(const BootInterface& interface);

/// Writes the interface's name servers into those files of the system's /run that had them from the
/// start: resolv.conf, resolvconf's record and systemd-resolved's drop-in. What is not there, or
/// belongs to somebody else by now, is left. Nothing of the root disk is touched.
Status change_name_servers(const Fd& run, const BootInterface& interface);

}  // namespace bootwire::handoff
