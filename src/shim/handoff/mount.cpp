#include "handoff/mount.h"

#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "base/text.h"
#include "board/modules.h"
#include "os/file.h"

namespace bootwire::handoff {

namespace {

constexpr char modules_folder[] = "/modules";

struct FlagOption {
    std::string_view name;
    unsigned long flag;
    bool set;
};

constexpr FlagOption flag_options[] = {
    {"ro", MS_RDONLY, true},
    {"rw", MS_RDONLY, false},
    {"nosuid", MS_NOSUID, true},
    {"suid", MS_NOSUID, false},
    {"nodev", MS_NODEV, true},
    {"dev", MS_NODEV, false},
    {"noexec", MS_NOEXEC, true},
    {"exec", MS_NOEXEC, false},
    {"sync", MS_SYNCHRONOUS, true},
    {"async", MS_SYNCHRONOUS, false},
    {"dirsync", MS_DIRSYNC, true},
    {"noatime", MS_NOATIME, true},
    {"atime", MS_NOATIME, false},
    {"nodiratime", MS_NODIRATIME, true},
    {"diratime", MS_NODIRATIME, false},
    {"relatime", MS_RELATIME, true},
    {"strictatime", MS_STRICTATIME, true},
    {"lazytime", MS_LAZYTIME, true},
    {"defaults", 0, true},
};

/// Is the type among those that the kernel can mount now (/proc/filesystems)?
bool is_known_to_kernel(const std::string& type) {
    const auto listed = read_file("/proc/filesystems");
    if (!listed) return false;
    for (const std::string_view line : split(*listed, '\n')) {
        const auto words = split_words(line);
        if (!words.empty() && words.back() == type) return true;
    }
    return false;
}

}  // namespace

MountOptions parse_mount_options(std::string_view text) {
    MountOptions options;
    for (const std::string_view word : split(text, ',')) {
        if (word.empty()) continue;
        const auto* found = std::ranges::find(flag_options, word, &FlagOption::name);
        if (found == std::end(flag_options)) {
            options.data += (options.data.empty() ? "" : ",") + std::string(word);
        } else if (found->set) {
            options.flags |= found->flag;
        } else {
            options.flags &= ~found->flag;
        }
    }
    return options;
}

Status mount_file_system(const MountRequest& request) {
    if (!is_known_to_kernel(request.type)) {
        if (auto loaded = board::load_module(modules_folder, "fs-" + request.type); !loaded) {
            return fail("cannot mount " + request.device + ": " + loaded.error().what,
                        "this kernel can mount ext4, vfat, btrfs, xfs, f2fs, erofs and squashfs");
        }
    }
    if (auto made = make_directories(request.target); !made) return made;
    MountOptions options = parse_mount_options(request.options);
    if (request.read_only) options.flags |= MS_RDONLY;
    const char* data = options.data.empty() ? nullptr : options.data.c_str();
    if (mount(request.device.c_str(), request.target.c_str(), request.type.c_str(), options.flags,
              data) != 0) {
        return fail_errno("cannot mount " + request.device + " as " + request.type,
                          errno == EINVAL || errno == ENOENT  // no such subvolume
                              ? "check rootflags= and rootfstype= in cmdline.txt"
                              : "check the disk's file system with fsck");
    }
    return {};
}

Status remount(const MountRequest& request, bool read_only) {
    const MountOptions options = parse_mount_options(request.options);
    const unsigned long flags = options.flags & ~static_cast<unsigned long>(MS_RDONLY);
    const char* data = options.data.empty() ? nullptr : options.data.c_str();
    if (mount(nullptr, request.target.c_str(), nullptr,
              flags | MS_REMOUNT | (read_only ? MS_RDONLY : 0), data) != 0) {
        return fail_errno("cannot mount " + request.device +
                          (read_only ? " read-only again" : " for writing"));
    }
    return {};
}

Result<TemporaryMount> TemporaryMount::mount(const MountRequest& request) {
    if (auto mounted = mount_file_system(request); !mounted) {
        return std::unexpected(mounted.error());
    }
    return TemporaryMount(request.target);
}

TemporaryMount::~TemporaryMount() {
    if (!target_.empty()) umount2(target_.c_str(), MNT_DETACH);
}

}  // namespace bootwire::handoff
