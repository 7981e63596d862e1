#include "shutdown/unmount.h"

#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "shutdown/mounts.h"

namespace bootwire::shutdown {

namespace {

constexpr size_t kLargestTable = 4 << 20;
constexpr int kMostTries = 50;          // in a row without success
constexpr useconds_t kPause = 100'000;  // microseconds between two of them

std::vector<Mount> mounted() {
    const auto table = read_file("/proc/self/mountinfo", kLargestTable);
    if (!table) log::warning(table.error().to_string());
    return table ? parse_mountinfo(*table) : std::vector<Mount>();
}

std::string named(const Mount& mount) {
    return printable(mount.target) + " (" + printable(mount.source) + ", " + mount.type + ")";
}

/// Takes away what is of no disk: /dev, /run and their like, which systemd leaves below the old
/// root, and which the keeper or a console of this very program may have open. Did anything go?
bool detach_what_is_in_memory(const std::vector<Mount>& mounts) {
    bool any = false;
    for (const Mount& mount : mounts) {
        if (mount.is_on_a_device()) continue;
        any |= umount2(mount.target.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0;
    }
    return any;
}

/// Unmounts what can be now. Did anything go?
bool unmount_some(const std::vector<Mount>& mounts) {
    bool any = false;
    for (const Mount& mount : mounts) {
        if (umount2(mount.target.c_str(), UMOUNT_NOFOLLOW) != 0) continue;
        any = true;
        if (mount.is_on_a_device()) log::info("unmounted " + named(mount));
    }
    return any;
}

void make_read_only(const Mount& mount) {
    if (!mount.is_on_a_device()) return;
    const int done =
        ::mount(nullptr, mount.target.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr);
    if (done == 0) return log::info("read-only: " + named(mount));
    log::warning("cannot unmount " + named(mount) +
                 " nor make it read-only: " + std::strerror(errno));
}

/// Something holds these: it gets no further write through, and they vanish with the last that
/// does.
void detach(const std::vector<Mount>& mounts) {
    for (const Mount& mount : mounts) {
        make_read_only(mount);
        umount2(mount.target.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
    }
}

}  // namespace

void unmount_all(std::string_view old_root) {
    for (int tries = 0; tries < kMostTries; ++tries) {
        const auto left = to_unmount(mounted(), old_root);
        if (left.empty()) break;
        if (unmount_some(left) || detach_what_is_in_memory(left)) {
            tries = 0;
        } else {
            usleep(kPause);
        }
    }
    detach(to_unmount(mounted(), old_root));
    // The root itself, where systemd has not moved it away.
    for (const Mount& mount : mounted()) {
        if (mount.target == "/") make_read_only(mount);
    }
}

}  // namespace bootwire::shutdown
