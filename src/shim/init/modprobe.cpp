#include "init/modprobe.h"

#include <dirent.h>
#include <unistd.h>

#include "board/modules.h"
#include "init/packed_modules.h"
#include "os/file.h"

namespace bootwire::init {

namespace {

constexpr char kModules[] = "/modules";
constexpr char kKeptModules[] = "/run/bootwire/modules";
constexpr char kProgram[] = "/run/bootwire/bootwire-modprobe";
constexpr char kOsModprobe[] = "/sbin/modprobe";

Status copy_modules() {
    DIR* const folder = opendir(kModules);
    if (folder == nullptr) return fail_errno(std::string("cannot open ") + kModules);
    Status done = make_directories(kKeptModules);
    while (const dirent* entry = done ? readdir(folder) : nullptr) {
        const std::string name = entry->d_name;
        if (name.starts_with('.')) continue;
        done = copy_file(std::string(kModules) + "/" + name, std::string(kKeptModules) + "/" + name,
                         0644);
    }
    closedir(folder);
    return done;
}

}  // namespace

Status install_modules() {
    if (access(kModules, F_OK) != 0) return {};  // a kernel with everything built in
    if (has_packed_modules()) return {};         // the disk's own kernel: its modprobe has them all
    if (auto done = copy_modules(); !done) return done;
    return write_control_file("/proc/sys/kernel/modprobe", kProgram);
}

int run_modprobe(int argc, char** argv) {
    if (argc > 1 && board::load_module(kKeptModules, argv[argc - 1])) return 0;
    execv(kOsModprobe, argv);
    return 1;
}

}  // namespace bootwire::init
