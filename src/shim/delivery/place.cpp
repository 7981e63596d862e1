#include "delivery/place.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "board/modules.h"
#include "handoff/in_root.h"
#include "os/file.h"

namespace bootwire::delivery {

namespace {

using handoff::open_in_root;
using handoff::path_of;

constexpr char modules_folder[] = "/lib/modules";
constexpr char own_modules[] = "/run/bootwire/lib/modules";
constexpr char table[] = "/modules.dep";
constexpr size_t largest_table = 16 << 20;
constexpr long overlay_magic = 0x794c7630;  // linux/magic.h
constexpr unsigned long mount_flags = MS_RDONLY | MS_NOSUID | MS_NODEV;
/// Of the initramfs: a copy, once the system runs, and the originals.
constexpr const char* packed_modules[] = {"/run/bootwire/modules", "/modules"};

void load(const std::string& name) {
    for (const char* folder : packed_modules)
        if (board::load_module(folder, name)) return;
}

/// By its magic number (linux/magic.h); erofs has its superblock at 1024.
Result<const char*> type_of(const Fd& image) {
    char magic[4];
    const auto is = [&](off_t at, std::string_view wanted) {
        return pread(image.get(), magic, sizeof magic, at) == sizeof magic &&
               std::string_view(magic, sizeof magic) == wanted;
    };
    if (is(0, "hsqs")) return "squashfs";
    if (is(1024, "\xe2\xe1\xf5\xe0")) return "erofs";
    return fail("it is neither a squashfs nor an erofs");
}

/// loop(4): a block device that is the file, for as long as it is mounted.
Result<std::string> loop_device(const Fd& image, Fd& opened) {
    const Fd control(open("/dev/loop-control", O_RDWR | O_CLOEXEC));
    for (int tries = 0; control.valid() && tries < 16; ++tries) {  // another may be quicker
        const int number = ioctl(control.get(), LOOP_CTL_GET_FREE);
        if (number < 0) break;
        std::string path = "/dev/loop" + std::to_string(number);
        opened.reset(open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (!opened.valid()) break;
        loop_config config{};
        config.fd = static_cast<uint32_t>(image.get());
        config.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR;
        std::strncpy(reinterpret_cast<char*>(config.info.lo_file_name), "bootwire-modules",
                     sizeof config.info.lo_file_name - 1);
        if (ioctl(opened.get(), LOOP_CONFIGURE, &config) == 0) return path;
        if (errno != EBUSY) break;
    }
    return fail_errno("no loop device");
}

Status mount_image(const Fd& image, const std::string& folder) {
    if (access((folder + table).c_str(), F_OK) == 0) return {};
    const auto type = type_of(image);
    if (!type) return std::unexpected(type.error());
    load("fs-" + std::string(*type));
    load("loop");
    Fd opened;
    const auto device = loop_device(image, opened);
    if (!device) return std::unexpected(device.error());
    if (auto made = make_directories(folder); !made) return made;
    if (mount(device->c_str(), folder.c_str(), *type, mount_flags, nullptr) != 0) {
        return fail_errno("cannot mount it");
    }
    if (access((folder + table).c_str(), F_OK) == 0) return {};
    umount2(folder.c_str(), MNT_DETACH);
    return fail("it has no modules.dep");
}

dev_t device_of(const Fd& folder) {
    struct stat status{};
    return fstat(folder.get(), &status) == 0 ? status.st_dev : 0;
}

bool is_read_only(const std::string& root) {
    struct statvfs status{};
    return statvfs(root.c_str(), &status) == 0 && (status.f_flag & ST_RDONLY) != 0;
}

/// The root's /lib/modules, and whether ours are laid over it.
struct Modules {
    Fd folder;
    bool covered = false;
};

Modules modules_of(const std::string& root) {
    Modules modules{open_in_root(root, modules_folder, O_PATH | O_DIRECTORY)};
    const Fd above = open_in_root(root, "/lib", O_PATH | O_DIRECTORY);
    struct statfs file_system{};
    modules.covered = fstatfs(modules.folder.get(), &file_system) == 0 &&
                      file_system.f_type == overlay_magic &&
                      device_of(modules.folder) != device_of(above);
    return modules;
}

Status show_in(const Fd& folder, const std::string& from) {
    // Not by /proc, which may be that of another space of processes (handoff/attended_os.h).
    if (fchdir(folder.get()) == 0 && mount(from.c_str(), ".", nullptr, MS_BIND, nullptr) == 0) {
        return {};
    }
    return fail_errno("cannot show them in /lib/modules");
}

/// Of our side an overlay shows the empty folder alone, not what is mounted there: that is mounted
/// once more.
Status lay_over(const Fd& modules, const std::string& root, const std::string& release) {
    load("overlay");
    char path[PATH_MAX];
    if (fchdir(modules.get()) != 0 || getcwd(path, sizeof path) == nullptr) {
        return fail_errno("cannot lay them over /lib/modules");
    }
    const std::string layers = "lowerdir=" + std::string(own_modules) + ":" + path;
    if (mount("overlay", path, "overlay", mount_flags, layers.c_str()) != 0) {
        return fail_errno("cannot lay them over /lib/modules");
    }
    return show_in(open_in_root(root, system_folder(release), O_PATH | O_DIRECTORY),
                   own_folder(release));
}

/// The folder in /lib/modules; made where there is none, and where that may be.
Fd provide_folder(const std::string& root, Fd& modules, const std::string& release) {
    if (!modules.valid()) {
        const Fd above = open_in_root(root, "/lib", O_PATH | O_DIRECTORY);
        if (!above.valid() || mkdirat(above.get(), "modules", 0755) != 0) return Fd();
        modules = open_in_root(root, modules_folder, O_PATH | O_DIRECTORY);
    }
    if (mkdirat(modules.get(), release.c_str(), 0755) != 0 && errno != EEXIST) return Fd();
    return open_in_root(root, system_folder(release), O_PATH | O_DIRECTORY);
}

}  // namespace

std::string system_folder(const std::string& release) {
    return std::string(modules_folder) + "/" + release;
}

std::string own_folder(const std::string& release) {
    return std::string(own_modules) + "/" + release;
}

std::string table_in_root(const std::string& root, const std::string& release) {
    const Fd file = open_in_root(root, system_folder(release) + table, O_RDONLY);
    std::string text;
    std::string piece(64 * 1024, '\0');
    while (file.valid() && text.size() < largest_table) {
        const ssize_t count = read(file.get(), piece.data(), piece.size());
        if (count <= 0) break;
        text.append(piece, 0, static_cast<size_t>(count));
    }
    return text;
}

bool has_modules(const std::string& root, const std::string& release) {
    return open_in_root(root, system_folder(release) + table, O_PATH).valid();
}

Result<Place> place(const Fd& image, const std::string& root, const std::string& release) {
    const std::string own = own_folder(release);
    if (auto mounted = mount_image(image, own); !mounted) return std::unexpected(mounted.error());
    Modules modules = modules_of(root);
    if (has_modules(root, release)) {
        if (!modules.covered) return Place::for_good;
        if (is_read_only(root)) return Place::for_now;
        if (fchdir(modules.folder.get()) == 0) umount2(".", MNT_DETACH);
        modules = modules_of(root);
    }
    const Fd folder = provide_folder(root, modules.folder, release);
    if (folder.valid()) {
        if (auto bound = show_in(folder, own); !bound) return std::unexpected(bound.error());
        return Place::for_good;
    }
    if (!modules.folder.valid()) return fail_errno("cannot make /lib/modules in the root");
    if (auto laid = lay_over(modules.folder, root, release); !laid)
        return std::unexpected(laid.error());
    return Place::for_now;
}

void take_away(const std::string& root, const std::string& release) {
    const Modules modules = modules_of(root);
    const Fd folder = open_in_root(root, system_folder(release), O_PATH | O_DIRECTORY);
    if (folder.valid() && device_of(folder) != device_of(modules.folder)) {
        umount2(path_of(folder).c_str(), MNT_DETACH);
    }
    umount2(own_folder(release).c_str(), MNT_DETACH);
}

}  // namespace bootwire::delivery
