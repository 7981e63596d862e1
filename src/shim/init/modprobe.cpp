#include "init/modprobe.h"

#include <unistd.h>

#include "board/modules.h"
#include "init/packed_modules.h"
#include "os/file.h"

namespace bootwire::init {

namespace {

constexpr char modules_folder[] = "/modules";
constexpr char kept_modules_folder[] = "/run/bootwire/modules";
constexpr char our_modprobe[] = "/run/bootwire/bootwire-modprobe";
constexpr char lent_modprobe[] = "/bootwire-modprobe";
constexpr char os_modprobe[] = "/sbin/modprobe";
constexpr char setting[] = "/proc/sys/kernel/modprobe";

Status copy_modules() {
    if (auto made = make_directories(kept_modules_folder); !made) return made;
    for (const std::string& name : names_in(modules_folder)) {
        const auto copied = copy_file(std::string(modules_folder) + "/" + name,
                                      std::string(kept_modules_folder) + "/" + name, 0644);
        if (!copied) return copied;
    }
    return {};
}

}  // namespace

Status install_modules() {
    if (access(modules_folder, F_OK) != 0) return {};  // a kernel with everything built in
    if (has_packed_modules()) return {};  // the disk's own kernel: its modprobe has them all
    if (auto done = copy_modules(); !done) return done;
    return write_control_file(setting, our_modprobe);
}

Status lend_modprobe_to_initramfs() {
    if (access(kept_modules_folder, F_OK) != 0) return {};
    if (auto done = copy_file("/proc/self/exe", lent_modprobe, 0755); !done) return done;
    return write_control_file(setting, lent_modprobe);
}

Status name_our_modprobe() {
    if (access(kept_modules_folder, F_OK) != 0) return {};
    return write_control_file(setting, our_modprobe);
}

int run_modprobe(int argc, char** argv) {
    for (const char* folder : {kept_modules_folder, modules_folder}) {
        if (argc > 1 && board::load_module(folder, argv[argc - 1])) return 0;
    }
    execv(os_modprobe, argv);
    return 1;
}

}  // namespace bootwire::init
