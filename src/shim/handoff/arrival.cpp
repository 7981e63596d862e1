#include "handoff/arrival.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "handoff/in_root.h"
#include "handoff/os_seed.h"
#include "handoff/prepare_os.h"
#include "os/file.h"
#include "os/log.h"

namespace bootwire::handoff {

namespace {

constexpr char run_folder[] = "/run";

dev_t device_of(const char* path) {
    struct stat status{};
    return stat(path, &status) == 0 ? status.st_dev : 0;
}

/// What shows single files with another content needs it, and an old initramfs takes it away.
Status provide_proc() {
    if (access("/proc/self", F_OK) == 0) return {};
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0) return {};
    return fail_errno("cannot mount /proc of the disk's system");
}

/// A bind mount of what is open, wherever its path leads by now.
bool mount_again(const Fd& source, const char* path) {
    const Fd tree(open_tree(source.get(), "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH));
    return tree.valid() && move_mount(tree.get(), "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) == 0;
}

/// At a second place: what the keeper has open stays what is seen.
Status mount_our_run(const Fd& our_run) {
    if (mount_again(our_run, run_folder)) return {};
    return fail_errno("cannot mount /run of the disk's system",
                      "the root file system needs the folder /run");
}

/// initramfs-tools mounts it without: neither the shutdown program could be started nor
/// bootwirectl.
void allow_programs_in_run() {
    struct statvfs status{};
    if (statvfs(run_folder, &status) != 0 || (status.f_flag & ST_NOEXEC) == 0) return;
    constexpr unsigned long flags = MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV;
    if (mount(nullptr, run_folder, nullptr, flags, nullptr) != 0) {
        log::warning("no program can be started from /run: " + std::string(std::strerror(errno)));
    }
}

void move_folder(Fd from, const std::string& to) {
    const int fd = from.get();
    if (fd < 0) return;
    DIR* const listing = fdopendir(from.release());
    if (listing == nullptr) return;
    Status done = make_directories(to);
    while (const dirent* entry = done ? readdir(listing) : nullptr) {
        const std::string name = entry->d_name;
        struct stat status{};
        if (name == "." || name == ".." ||
            fstatat(fd, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            continue;
        }
        if (S_ISDIR(status.st_mode)) {
            move_folder(
                Fd(openat(fd, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)),
                std::string(to).append("/").append(name));
            continue;
        }
        if (S_ISREG(status.st_mode) && status.st_nlink == 1) {
            const Fd file(openat(fd, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
            done = copy_file(path_of(file), std::string(to).append("/").append(name),
                             status.st_mode & 07777);
        }
        unlinkat(fd, name.c_str(), 0);
    }
    closedir(listing);
    if (!done) log::warning(done.error().to_string());
}

bool is_read_only(const std::string& path) {
    struct statvfs status{};
    return statvfs(path.c_str(), &status) == 0 && (status.f_flag & ST_RDONLY) != 0;
}

/// The initramfs may have mounted a /proc of its own, without our cover.
bool shows(const std::string& command_line) {
    const auto shown = read_file("/proc/cmdline");
    return shown && trim(*shown) == trim(command_line);
}

}  // namespace

CommandLineCover CommandLineCover::open() {
    CommandLineCover cover;
    cover.text_.reset(::open(shown_command_line, O_PATH | O_CLOEXEC));
    cover.device_ = device_of(shown_command_line);
    return cover;
}

void CommandLineCover::renew() const {
    constexpr char path[] = "/proc/cmdline";
    const dev_t seen = device_of(path);
    if (!text_.valid() || seen == device_ || seen == 0) return;
    if (!mount_again(text_, path)) log::warning("the disk's initramfs sees our command line");
}

Result<Run> enter_root(const Fd& root, const Fd& our_run) {
    if (fchdir(root.get()) != 0 || chroot(".") != 0 || chdir("/") != 0) {
        return fail_errno("cannot enter the root of the disk's system");
    }
    if (auto there = provide_proc(); !there) return std::unexpected(there.error());
    struct stat ours{};
    if (fstat(our_run.get(), &ours) != 0) return fail_errno("cannot look at our /run");
    if (device_of(run_folder) == device_of("/") || device_of(run_folder) == 0) {
        if (auto mounted = mount_our_run(our_run); !mounted) {
            return std::unexpected(mounted.error());
        }
    }
    allow_programs_in_run();
    return device_of(run_folder) == ours.st_dev ? Run::ours : Run::another;
}

void move_into_run(const Fd& our_run) {
    move_folder(Fd(openat(our_run.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)), run_folder);
}

void prepare_arrived(const Arrival& arrival, const std::string& init) {
    const std::string root = "/";
    if (arrival.seed) seed_root({"the root", root, {}, {}, is_read_only(root)}, *arrival.seed);
    const bool with_systemd = leads_to_systemd(root, init);
    protect_boot_interface(root, arrival.interface, with_systemd);
    prepare_shutdown(root, with_systemd, arrival.shutdown_patience);
    have_busybox_tell(root, init);
    show_programs(root, with_systemd);
    heal_fstab(root, arrival.disk, with_systemd);
    if (arrival.command_line.empty() || shows(arrival.command_line)) return;
    if (auto shown = expose_command_line("/proc", arrival.command_line); !shown) {
        log::warning(shown.error().to_string());
    }
}

}  // namespace bootwire::handoff
