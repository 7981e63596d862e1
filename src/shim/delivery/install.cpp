#include "delivery/install.h"

#include <fcntl.h>
#include <fts.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "base/text.h"
#include "control/quantities.h"
#include "delivery/place.h"
#include "delivery/report.h"
#include "os/fd.h"
#include "os/file.h"

namespace bootwire::delivery {

namespace {

constexpr uint64_t to_spare = 16 << 20;  // of room, for the system itself
constexpr uint64_t block = 4096;

/// Calls for everything in the folder, the folder itself first, until that fails.
template <class Visit>
Status walk(const std::string& folder, int order, Visit visit) {
    std::string path = folder;
    char* const roots[] = {path.data(), nullptr};
    FTS* const tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, nullptr);
    if (tree == nullptr) return fail_errno("cannot read " + folder);
    Status done;
    while (const FTSENT* entry = done ? fts_read(tree) : nullptr) {
        const bool other_visit = entry->fts_info == (order == FTS_D ? FTS_DP : FTS_D);
        if (!other_visit) done = visit(*entry, std::string(entry->fts_path).substr(folder.size()));
    }
    fts_close(tree);
    return done;
}

uint64_t size_of(const std::string& folder) {
    uint64_t size = 0;
    (void)walk(folder, FTS_D, [&](const FTSENT& entry, const std::string&) -> Status {
        size += (static_cast<uint64_t>(entry.fts_statp->st_size) / block + 1) * block;
        return {};
    });
    return size;
}

Status remove_folder(const std::string& folder) {
    if (access(folder.c_str(), F_OK) != 0) return {};
    return walk(folder, FTS_DP, [](const FTSENT& entry, const std::string&) -> Status {
        if (remove(entry.fts_path) == 0) return {};
        return fail_errno("cannot remove " + std::string(entry.fts_path));
    });
}

Status copy_link(const std::string& from, const std::string& to) {
    char target[4096];
    const ssize_t length = readlink(from.c_str(), target, sizeof target - 1);
    if (length < 0) return fail_errno("cannot read " + from);
    target[length] = '\0';
    if (symlink(target, to.c_str()) == 0) return {};
    return fail_errno("cannot make " + to);
}

Status copy_entry(const FTSENT& entry, const std::string& to) {
    switch (entry.fts_info) {
        case FTS_D:
            if (mkdir(to.c_str(), 0755) == 0) return {};
            return fail_errno("cannot make " + to);
        case FTS_F:
            return copy_file(entry.fts_path, to, 0644);
        case FTS_SL:
        case FTS_SLNONE:
            return copy_link(entry.fts_path, to);
        default:
            return fail("cannot copy " + std::string(entry.fts_path));
    }
}

Status write_out(const std::string& folder) {
    const Fd open_folder(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (syncfs(open_folder.get()) == 0) return {};
    return fail_errno("cannot write all of " + folder);
}

Status check_room(const std::string& from, const std::string& folder) {
    struct statvfs room{};
    if (statvfs(folder.c_str(), &room) != 0) return fail_errno("cannot look at " + folder);
    if ((room.f_flag & ST_RDONLY) != 0) {
        return fail(folder + " is read-only", "mount -o remount,rw /");
    }
    const uint64_t free = uint64_t{room.f_bavail} * room.f_frsize;
    const uint64_t needed = size_of(from) + to_spare;
    if (free >= needed) return {};
    return fail("there is no room: " + control::amount_in_words(needed) + " are needed, and " +
                    control::amount_in_words(free) + " are free",
                "make room in the root file system");
}

}  // namespace

Status copy_folder(const std::string& from, const std::string& to,
                   const std::function<void()>& prepare) {
    const size_t slash = to.rfind('/');
    const std::string above = to.substr(0, slash);
    const std::string temporary = above + "/." + to.substr(slash + 1) + ".new";
    if (auto enough = check_room(from, above); !enough) return enough;
    Status done = remove_folder(temporary);
    if (done) {
        done = walk(from, FTS_D, [&](const FTSENT& entry, const std::string& path) {
            return copy_entry(entry, temporary + path);
        });
    }
    if (done) done = write_out(temporary);
    if (done) {
        prepare();
        if (rename(temporary.c_str(), to.c_str()) != 0) {  // over an empty folder, too
            done = fail_errno("cannot make " + to);
        }
    }
    if (done) return write_out(above);
    (void)remove_folder(temporary);
    return done;
}

Status install_on_disk() {
    utsname running{};
    uname(&running);
    const std::string release = running.release;
    const std::string from = own_folder(release), to = system_folder(release);
    if (access((from + "/modules.dep").c_str(), F_OK) != 0) {
        return fail("there are no modules in memory", "see bootwirectl modules");
    }
    if (auto made = make_directories(to.substr(0, to.rfind('/'))); !made) return made;
    const auto copied = copy_folder(from, to, [&] { take_away("/", release); });
    if (!copied) return copied;
    Report report{Report::Kind::of_disk, release};
    report.seen_at = to;
    report.count = count_modules(table_in_root("/", release));
    return replace_file(report_path, in_words(report));
}

}  // namespace bootwire::delivery
