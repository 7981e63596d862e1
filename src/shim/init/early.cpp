#include "init/early.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>

#include <cerrno>

#include "os/log.h"

namespace bootwire::init {

namespace {

struct KernelFileSystem {
    const char* type;
    const char* target;
    unsigned long flags;
    const char* options;
};

constexpr KernelFileSystem kernel_file_systems[] = {
    {"proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr},
    {"sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr},
    {"devtmpfs", "/dev", MS_NOSUID, "mode=0755"},
    {"tmpfs", "/run", MS_NOSUID | MS_NODEV | MS_STRICTATIME, "mode=0755"},
};

}  // namespace

Status mount_kernel_file_systems() {
    for (const KernelFileSystem& fs : kernel_file_systems) {
        mkdir(fs.target, 0755);
        if (mount(fs.type, fs.target, fs.type, fs.flags, fs.options) != 0 && errno != EBUSY) {
            return fail_errno(std::string("cannot mount ") + fs.target);
        }
    }
    if (mkdir("/run/bootwire", 0755) != 0 && errno != EEXIST) {
        return fail_errno("cannot create /run/bootwire");
    }
    return {};
}

void set_clock_to_release_time_at_least() {
    timespec current{};
    clock_gettime(CLOCK_REALTIME, &current);
    if (current.tv_sec >= BOOTWIRE_RELEASE_TIME) return;
    const timespec released{BOOTWIRE_RELEASE_TIME, 0};
    if (clock_settime(CLOCK_REALTIME, &released) != 0) log::warning("cannot set the clock");
}

}  // namespace bootwire::init
