#include "init/modprobe.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <string_view>

#include "board/modules.h"
#include "delivery/place.h"
#include "init/packed_modules.h"
#include "kexec/module_set.h"
#include "os/file.h"

namespace bootwire::init {

namespace {

constexpr char modules_folder[] = "/modules";
constexpr char kept_modules_folder[] = "/run/bootwire/modules";
constexpr char our_modprobe[] = "/run/bootwire/bootwire-modprobe";
constexpr char lent_modprobe[] = "/bootwire-modprobe";
constexpr char os_modprobe[] = "/sbin/modprobe";
constexpr char setting[] = "/proc/sys/kernel/modprobe";

constexpr size_t largest_table = 16 << 20;

/// kmod's, which knows compressed modules and modprobe.d(5); busybox's knows neither.
bool has_kmod() {
    char path[PATH_MAX];
    const char* const program = realpath(os_modprobe, path);
    return program != nullptr && !std::string_view(program).contains("busybox");
}

/// As depmod has it in the folder.
bool load_from_tables(const std::string& folder, const std::string& name) {
    const auto table = [&](const char* file) {
        return read_file(folder + "/modules." + file, largest_table).value_or("");
    };
    const std::string dep = table("dep"), alias = table("alias"), softdep = table("softdep");
    kexec::ModuleSet set(dep, alias, softdep);
    if (!set.add(name)) set.add_matching(name);
    Status done;
    for (const std::string_view path : set.paths())
        if (done) done = board::insert_module(folder + "/" + std::string(path));
    return done && !set.paths().empty();
}

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
    if (has_kmod()) execv(os_modprobe, argv);
    utsname running{};
    uname(&running);
    for (const std::string& folder :
         {delivery::own_folder(running.release), delivery::system_folder(running.release)}) {
        if (argc > 1 && load_from_tables(folder, argv[argc - 1])) return 0;
    }
    return 1;
}

}  // namespace bootwire::init
