#include "handoff/in_root.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

namespace bootwire::handoff {

namespace {

/// Of what is open; nothing if it is not.
std::string name_of(const Fd& fd) {
    char target[PATH_MAX];
    const ssize_t length = fd.valid() ? readlink(path_of(fd).c_str(), target, sizeof target) : -1;
    return length <= 0 ? std::string() : std::string(target, static_cast<size_t>(length));
}

}  // namespace

Fd open_in_root(const std::string& root, const std::string& path, int flags) {
    const Fd directory(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    open_how how{};
    how.flags = static_cast<uint64_t>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_IN_ROOT;
    return Fd(
        static_cast<int>(syscall(SYS_openat2, directory.get(), path.c_str(), &how, sizeof how)));
}

std::string path_of(const Fd& fd) {
    return "/proc/self/fd/" + std::to_string(fd.get());
}

std::string real_path_in_root(const std::string& root, const std::string& path) {
    std::string folder = name_of(open_in_root(root, "/", O_PATH));
    if (folder == "/") folder.clear();  // our own root
    const std::string name = name_of(open_in_root(root, path, O_PATH));
    return name.starts_with(folder) ? name.substr(folder.size()) : std::string();
}

}  // namespace bootwire::handoff
