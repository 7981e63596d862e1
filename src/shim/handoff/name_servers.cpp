#include "handoff/name_servers.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

namespace bootwire::handoff {

namespace {

constexpr char resolved_file[] = "systemd/resolved.conf.d/bootwire.conf";

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

/// By a rename, so that a reader sees the old or the new content.
Status replace_what_is_there(const Fd& run, const std::string& path, const std::string& content) {
    struct stat status{};
    if (fstatat(run.get(), path.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return {};
    const size_t name = path.rfind('/') + 1;
    const std::string temporary = path.substr(0, name) + "." + path.substr(name) + ".new";
    const Fd file(openat(run.get(), temporary.c_str(),
                         O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!file.valid()) return fail_errno("cannot write /run/" + temporary);
    if (auto done = write_whole(file, content, temporary.c_str()); !done) return done;
    if (renameat(run.get(), temporary.c_str(), run.get(), path.c_str()) != 0) {
        return fail_errno("cannot replace /run/" + path);
    }
    return {};
}

}  // namespace

std::string resolvconf_record(const BootInterface& interface) {
    return "resolvconf/interface/" + interface.names.front() + ".bootwire";
}

Status change_name_servers(const Fd& run, const BootInterface& interface) {
    const std::string content = resolv_conf(interface);
    const Status all[] = {
        rewrite_resolv_conf(run, content),
        replace_what_is_there(run, resolvconf_record(interface), content),
        replace_what_is_there(run, resolved_file, resolved_conf(interface)),
    };
    for (const Status& done : all) {
        if (!done) return done;
    }
    return {};
}

}  // namespace bootwire::handoff
