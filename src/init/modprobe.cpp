#include "init/modprobe.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "board/modules.h"

namespace bootwire::init {

namespace {

constexpr char kModules[] = "/modules";
constexpr char kKeptModules[] = "/run/bootwire/modules";
constexpr char kProgram[] = "/run/bootwire/bootwire-modprobe";
constexpr char kOsModprobe[] = "/sbin/modprobe";

Status copy_file(const std::string& from, const std::string& to, unsigned mode) {
    const Fd source(open(from.c_str(), O_RDONLY | O_CLOEXEC));
    const Fd target(open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    struct stat status {};
    if (!source.valid() || !target.valid() || fstat(source.get(), &status) != 0) {
        return fail_errno("cannot copy " + from + " to " + to);
    }
    off_t done = 0;
    while (done < status.st_size) {
        const auto left = static_cast<size_t>(status.st_size - done);
        if (sendfile(target.get(), source.get(), &done, left) <= 0) {
            return fail_errno("cannot copy " + from + " to " + to);
        }
    }
    return {};
}

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

Status install_modprobe() {
    if (access(kModules, F_OK) != 0) return {};  // a kernel with everything built in
    if (auto done = copy_modules(); !done) return done;
    if (auto done = copy_file("/proc/self/exe", kProgram, 0755); !done) return done;
    return write_control_file("/proc/sys/kernel/modprobe", kProgram);
}

int run_modprobe(int argc, char** argv) {
    if (argc > 1 && board::load_module(kKeptModules, argv[argc - 1])) return 0;
    execv(kOsModprobe, argv);
    return 1;
}

}  // namespace bootwire::init
