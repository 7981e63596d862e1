#include "handoff/os_patience.h"

namespace bootwire::handoff {

std::vector<NewFile> service_watchdogs() {
    // Those of systemd 257 that have WatchdogSec=.
    static constexpr const char* watched[] = {
        "journald",  "journald@", "logind",    "udevd",     "networkd",       "resolved",
        "hostnamed", "localed",   "timedated", "timesyncd", "journal-remote", "journal-upload",
        "machined",  "importd",   "portabled", "homed",     "userdbd",        "oomd",
    };
    std::vector<NewFile> files;
    for (const char* service : watched) {
        files.push_back({"/run/systemd/system/systemd-" + std::string(service) +
                             ".service.d/bootwire-patience.conf",
                         "# Written by bootwire: the root disk may be away for longer.\n"
                         "[Service]\nWatchdogSec=0\n"});
    }
    return files;
}

}  // namespace bootwire::handoff
