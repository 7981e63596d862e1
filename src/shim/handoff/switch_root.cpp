#include "handoff/switch_root.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "base/text.h"
#include "os/fd.h"

namespace bootwire::handoff {

namespace {

constexpr long ramfs_magic = 0x858458f6;  // linux/magic.h
constexpr long tmpfs_magic = 0x01021994;

/// Deletes everything below the directory that is on its file system. Takes the descriptor over.
void empty_directory(Fd directory, dev_t device) {
    const int fd = directory.get();
    DIR* const listing = fdopendir(directory.release());
    if (listing == nullptr) return;
    while (const dirent* entry = readdir(listing)) {
        const char* name = entry->d_name;
        if (std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0) continue;
        struct stat status{};
        if (fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || status.st_dev != device) {
            continue;
        }
        if (!S_ISDIR(status.st_mode)) {
            unlinkat(fd, name, 0);
            continue;
        }
        empty_directory(Fd(openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)),
                        device);
        unlinkat(fd, name, AT_REMOVEDIR);
    }
    closedir(listing);
}

/// Only a memory file system is emptied: this must never run on somebody's disk.
Fd open_initramfs(dev_t& device) {
    Fd root(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct statfs file_system{};
    struct stat status{};
    if (fstatfs(root.get(), &file_system) != 0 || fstat(root.get(), &status) != 0 ||
        (file_system.f_type != ramfs_magic && file_system.f_type != tmpfs_magic)) {
        return Fd();
    }
    device = status.st_dev;
    return root;
}

/// All of them, or none.
Status move_kernel_file_systems(const std::string& new_root) {
    constexpr std::array<const char*, 4> kernel_mounts{"/dev", "/proc", "/sys", "/run"};
    for (size_t i = 0; i < kernel_mounts.size(); ++i) {
        if (mount(kernel_mounts[i], (new_root + kernel_mounts[i]).c_str(), nullptr, MS_MOVE,
                  nullptr) == 0)
            continue;
        const Status failed =
            fail_errno("cannot move " + std::string(kernel_mounts[i]) + " into the root disk",
                       "the root file system needs the folder " + std::string(kernel_mounts[i]));
        while (i-- > 0)
            mount((new_root + kernel_mounts[i]).c_str(), kernel_mounts[i], nullptr, MS_MOVE,
                  nullptr);
        return failed;
    }
    return {};
}

}  // namespace

Status move_into_root(const std::string& new_root) {
    if (auto moved = move_kernel_file_systems(new_root); !moved) return moved;
    dev_t device{};
    Fd initramfs = open_initramfs(device);
    if (chdir(new_root.c_str()) != 0 || mount(".", "/", nullptr, MS_MOVE, nullptr) != 0 ||
        chroot(".") != 0 || chdir("/") != 0) {
        return fail_errno("cannot make the root disk the root");
    }
    if (initramfs.valid()) empty_directory(std::move(initramfs), device);
    return {};
}

Error become(const std::string& init, const std::vector<std::string>& arguments) {
    std::vector<char*> argv;
    std::string program = init;
    std::vector<std::string> copies = arguments;
    argv.push_back(program.data());
    for (std::string& argument : copies)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    execv(init.c_str(), argv.data());
    return fail_errno("cannot start " + printable(init) + " on the root disk",
                      "choose another program with iscsi.init=")
        .error();
}

}  // namespace bootwire::handoff
