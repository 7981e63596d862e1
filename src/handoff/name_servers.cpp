#include "handoff/name_servers.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

namespace bootwire::handoff {

namespace {

constexpr char kResolved[] = "systemd/resolved.conf.d/bootwire.conf";
constexpr char kResolvedNew[] = "systemd/resolved.conf.d/.bootwire.new";

Status write_whole(const Fd& file, const std::string& content, const char* path) {
    const ssize_t written = pwrite(file.get(), content.data(), content.size(), 0);
    if (written == static_cast<ssize_t>(content.size())) return {};
    return fail_errno(std::string("cannot write /run/") + path);
}

/// A file that is bind-mounted somewhere can't be replaced by another one. A single write, with
/// empty lines where the old text was longer: whoever reads meanwhile gets no half of a server.
Status rewrite_resolv_conf(const Fd& run, std::string content) {
    const Fd file(openat(run.get(), resolv_conf_in_run, O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (!file.valid() && errno == ENOENT) return {};
    std::string old(4096, '\0');
    const ssize_t count = file.valid() ? pread(file.get(), old.data(), old.size(), 0) : -1;
    if (count < 0) return fail_errno(std::string("cannot read /run/") + resolv_conf_in_run);
    old.resize(static_cast<size_t>(count));
    const size_t note = content.find('\n') + 1;
    if (!old.starts_with(content.substr(0, note))) return {};  // another program's by now
    if (content.size() < old.size()) content.resize(old.size(), '\n');
    return write_whole(file, content, resolv_conf_in_run);
}

Status replace_resolved_drop_in(const Fd& run, const std::string& content) {
    struct stat status {};
    if (fstatat(run.get(), kResolved, &status, AT_SYMLINK_NOFOLLOW) != 0) return {};
    const Fd file(openat(run.get(), kResolvedNew,
                         O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!file.valid()) return fail_errno(std::string("cannot write /run/") + kResolvedNew);
    if (auto done = write_whole(file, content, kResolvedNew); !done) return done;
    if (renameat(run.get(), kResolvedNew, run.get(), kResolved) != 0) {
        return fail_errno(std::string("cannot replace /run/") + kResolved);
    }
    return {};
}

}  // namespace

Status change_name_servers(const Fd& run, const BootInterface& interface) {
    const Status first = rewrite_resolv_conf(run, resolv_conf(interface));
    const Status second = replace_resolved_drop_in(run, resolved_conf(interface));
    return first ? second : first;
}

}  // namespace bootwire::handoff
