#include "shutdown/unmount.h"

#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "base/text.h"
#include "os/child.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "shutdown/mounts.h"
#include "shutdown/waiting.h"

namespace bootwire::shutdown {

namespace {

using namespace std::chrono_literals;

constexpr Milliseconds hangs_after = 60s;  // without any movement
constexpr Milliseconds forced_limit = 5s;
constexpr size_t largest_table = 4 << 20;
constexpr int most_tries = 50;                      // in a row without success
constexpr useconds_t pause_microseconds = 100'000;  // microseconds between two of them

std::vector<Mount> mounted() {
    const auto table = read_file("/proc/self/mountinfo", largest_table);
    if (!table) log::warning(table.error().to_string());
    return table ? parse_mountinfo(*table) : std::vector<Mount>();
}

std::string named(const Mount& mount) {
    return printable(mount.target) + " (" + printable(mount.source) + ", " + mount.type + ")";
}

class Unmounting {
  public:
    Unmounting(std::string_view old_root, std::string_view disk)
        : old_root_(old_root), disk_(disk) {}

    std::vector<Mount> left() const;
    bool unmount_some(const std::vector<Mount>& mounts);
    bool detach_what_is_in_memory(const std::vector<Mount>& mounts);
    void make_read_only(const Mount& mount);
    void detach(const Mount& mount);
    void write_out() const;

  private:
    bool may_hang(const Mount& mount) const;
    bool work_on(const Mount& mount, const std::function<bool()>& work);
    bool unmount(const Mount& mount, int flags = 0);
    void give_up_on(const Mount& mount);

    const std::string old_root_, disk_;
    std::vector<std::string> given_up_;  // where they were mounted
};

std::vector<Mount> Unmounting::left() const {
    auto mounts = to_unmount(mounted(), old_root_);
    std::erase_if(mounts, [&](const Mount& mount) {
        return std::ranges::find(given_up_, mount.target) != given_up_.end();
    });
    return mounts;
}

bool Unmounting::may_hang(const Mount& mount) const {
    const bool is_root = mount.target == "/" || mount.target == old_root_;
    return !disk_.empty() && !is_root && !mount.is_on(disk_);
}

/// Elsewhere than on our disk only for as long as it does not hang.
bool Unmounting::work_on(const Mount& mount, const std::function<bool()>& work) {
    if (!may_hang(mount)) return work();
    Waiting waiting(hangs_after, disk_);
    const Ended ended = do_in_child(work, [&] { return waiting.goes_on(); });
    if (ended == Ended::not_yet) give_up_on(mount);
    return ended == Ended::well;
}

bool Unmounting::unmount(const Mount& mount, int flags) {
    return work_on(mount,
                   [&] { return umount2(mount.target.c_str(), flags | UMOUNT_NOFOLLOW) == 0; });
}

/// MNT_FORCE has file systems of a network give up what they wait for (umount(2)).
void Unmounting::give_up_on(const Mount& mount) {
    log::warning("giving up on " + named(mount) +
                 ": it does not answer, and what is not written there yet is lost");
    given_up_.push_back(mount.target);
    const auto force = [&] {
        return umount2(mount.target.c_str(), MNT_FORCE | MNT_DETACH | UMOUNT_NOFOLLOW) == 0;
    };
    const Moment limit = now() + forced_limit;
    do_in_child(force, [&] { return now() < limit; });
}

/// Takes away what is of no disk: /dev, /run and their like, which systemd leaves below the old
/// root, and which the keeper or a console of this very program may have open. Did anything go?
bool Unmounting::detach_what_is_in_memory(const std::vector<Mount>& mounts) {
    bool any = false;
    for (const Mount& mount : mounts)
        any |= !mount.is_on_a_device() && unmount(mount, MNT_DETACH);
    return any;
}

/// Unmounts what can be now. Did anything go?
bool Unmounting::unmount_some(const std::vector<Mount>& mounts) {
    bool any = false;
    for (const Mount& mount : mounts) {
        if (!unmount(mount)) continue;
        any = true;
        if (mount.is_on_a_device()) log::info("unmounted " + named(mount));
    }
    return any;
}

void Unmounting::make_read_only(const Mount& mount) {
    if (!mount.is_on_a_device()) return;
    const bool done = work_on(mount, [&] {
        const int status =
            ::mount(nullptr, mount.target.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr);
        if (status == 0) return true;
        log::warning("cannot unmount " + named(mount) +
                     " nor make it read-only: " + std::strerror(errno));
        return false;
    });
    if (done) log::info("read-only: " + named(mount));
}

/// Something holds it: it gets no further write through, and vanishes with the last that does.
void Unmounting::detach(const Mount& mount) {
    make_read_only(mount);
    unmount(mount, MNT_DETACH);
}

/// What was on our disk is written by now.
void Unmounting::write_out() const {
    const auto write = [] {
        sync();
        return true;
    };
    Waiting waiting(hangs_after, disk_);
    const bool may_wait = disk_.empty();
    if (do_in_child(write, [&] { return may_wait || waiting.goes_on(); }) == Ended::not_yet) {
        return log::warning("giving up on what is not written yet: no disk takes it");
    }
    log::info("all is written");
}

}  // namespace

void unmount_all(std::string_view old_root, std::string_view disk) {
    Unmounting unmounting(old_root, disk);
    for (int tries = 0; tries < most_tries; ++tries) {
        const auto left = unmounting.left();
        if (left.empty()) break;
        if (unmounting.unmount_some(left) || unmounting.detach_what_is_in_memory(left)) {
            tries = 0;
        } else {
            usleep(pause_microseconds);
        }
    }
    for (const Mount& mount : unmounting.left())
        unmounting.detach(mount);
    // The root itself, where systemd has not moved it away.
    for (const Mount& mount : mounted()) {
        if (mount.target == "/") unmounting.make_read_only(mount);
    }
    unmounting.write_out();
}

}  // namespace bootwire::shutdown
