#include "handoff/prepare_os.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <optional>

#include "base/bytes.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "handoff/interfaces_file.h"
#include "handoff/name_servers.h"
#include "handoff/os_shutdown.h"
#include "handoff/program_file.h"

namespace bootwire::handoff {

namespace {

constexpr char kCovers[] = "/run/bootwire/covers";  // what is bind-mounted over files of the OS
constexpr size_t kLargestConfiguration = 256 * 1024;

/// Opens a path of the new root as if it were `/` already: absolute symbolic links stay inside.
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

/// What the path leads to, links followed, without the folders; nothing if it leads nowhere.
std::string file_name_in_root(const std::string& root, const std::string& path) {
    const Fd file = open_in_root(root, path, O_PATH);
    char target[PATH_MAX];
    const ssize_t length =
        file.valid() ? readlink(path_of(file).c_str(), target, sizeof target) : -1;
    if (length <= 0) return {};
    const std::string_view found(target, static_cast<size_t>(length));
    return std::string(found.substr(found.rfind('/') + 1));
}

/// The regular file's content; nothing if it is not there or not readable.
std::optional<std::string> content_in_root(const std::string& root, const std::string& path) {
    const Fd file = open_in_root(root, path, O_RDONLY | O_NONBLOCK);
    struct stat status {};
    if (!file.valid() || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return std::nullopt;
    }
    const auto content = read_file(path_of(file), kLargestConfiguration);
    if (!content) return std::nullopt;
    return *content;
}

/// Bind-mounts a file with the content over the file of the new root.
void cover(const std::string& root, const std::string& path, const std::string& content,
           unsigned mode = 0644) {
    std::string name = path;
    for (char& c : name)
        c = c == '/' ? '_' : c;
    const std::string source = std::string(kCovers) + "/" + name;
    const Fd target = open_in_root(root, path, O_PATH);
    Status done = make_directories(kCovers);
    if (done) done = replace_file(source, content, mode);
    if (done && mount(source.c_str(), path_of(target).c_str(), nullptr, MS_BIND, nullptr) != 0) {
        done = fail_errno("cannot cover " + path);
    }
    if (!done) log::warning(done.error().to_string());
}

void protect_interfaces_files(const std::string& root, const BootInterface& interface) {
    std::vector<std::string> paths = {"/etc/network/interfaces"};
    const std::string folder = "/etc/network/interfaces.d";
    const Fd opened = open_in_root(root, folder, O_RDONLY | O_DIRECTORY);
    if (DIR* const directory = opened.valid() ? opendir(path_of(opened).c_str()) : nullptr) {
        while (const dirent* entry = readdir(directory)) {
            if (entry->d_name[0] != '.') paths.push_back(folder + "/" + entry->d_name);
        }
        closedir(directory);
    }
    for (const std::string& path : paths) {
        const auto content = content_in_root(root, path);
        if (!content) continue;
        const QuietInterfaces quiet = interfaces_without(*content, interface);
        for (const std::string& warning : quiet.warnings)
            log::warning(path + ": " + warning);
        if (quiet.changed) cover(root, path, quiet.text);
    }
}

/// A resolv.conf that is a file is covered. One that is a link into /run gets, where it points to
/// (nobody has been there yet), a link to what would have covered it, which is what the keeper
/// changes later. One that a stub resolver of the OS owns is left to that resolver.
void provide_resolv_conf(const std::string& root, const BootInterface& interface) {
    if (interface.dns_servers.empty()) return;
    char link[256];
    const ssize_t length = readlink((root + "/etc/resolv.conf").c_str(), link, sizeof link);
    if (length < 0) {
        if (content_in_root(root, "/etc/resolv.conf")) {
            cover(root, "/etc/resolv.conf", resolv_conf(interface));
        }
        return;
    }
    std::string target(link, static_cast<size_t>(length));
    if (target.starts_with("../run/")) target = target.substr(2);
    if (!target.starts_with("/run/") || target.find("/systemd/resolve/") != target.npos ||
        target.find("..") != target.npos) {
        return;
    }
    const std::string ours = std::string("/run/") + resolv_conf_in_run;
    Status done = make_directories(target.substr(0, target.rfind('/')));
    if (done) done = make_directories(kCovers);
    if (done) done = replace_file(ours, resolv_conf(interface));
    if (done && symlink(ours.c_str(), target.c_str()) != 0 && errno != EEXIST) {
        done = fail_errno("cannot provide " + target);
    }
    if (!done) log::warning(done.error().to_string());
}

void create(const std::vector<NewFile>& files) {
    for (const NewFile& file : files) {
        Status done = make_directories(file.path.substr(0, file.path.rfind('/')));
        if (done) done = replace_file(file.path, file.content);
        if (!done) log::warning(done.error().to_string());
    }
}

}  // namespace

bool leads_to_systemd(const std::string& new_root, const std::string& init) {
    constexpr char kUsualInit[] = "/sbin/init";
    const auto is_systemd = [&](const std::string& path) {
        return file_name_in_root(new_root, path) == "systemd";
    };
    return is_systemd(init) || is_systemd(kUsualInit) || !exists_in_root(new_root, kUsualInit);
}

void protect_boot_interface(const std::string& new_root, const BootInterface& interface,
                            bool with_systemd) {
    create(drop_ins(interface));
    if (with_systemd) create(network_units(interface));
    protect_interfaces_files(new_root, interface);
    if (const auto conf = content_in_root(new_root, "/etc/dhcpcd.conf")) {
        cover(new_root, "/etc/dhcpcd.conf", dhcpcd_conf_denying(*conf, interface.names));
    }
    provide_resolv_conf(new_root, interface);
}

void prepare_shutdown(const std::string& new_root, bool with_systemd) {
    if (with_systemd) create(shutdown_units());
    if (!content_in_root(new_root, "/etc/init.d/rc")) return;
    for (const Prologue& prologue : sysvinit_prologues()) {
        const std::string path(prologue.path);
        const auto script = content_in_root(new_root, path);
        if (script) cover(new_root, path, with_prologue(*script, prologue.text), 0755);
    }
}

Status expose_command_line(const std::string& proc, const std::string& command_line) {
    const std::string source = "/run/bootwire/cmdline";
    if (auto done = replace_file(source, command_line + "\n", 0444); !done) return done;
    if (mount(source.c_str(), (proc + "/cmdline").c_str(), nullptr, MS_BIND, nullptr) != 0) {
        return fail_errno("cannot show the merged command line as /proc/cmdline");
    }
    return {};
}

bool exists_in_root(const std::string& new_root, const std::string& path) {
    return open_in_root(new_root, path, O_PATH).valid();
}

Status check_program(const std::string& new_root, const std::string& path, int depth) {
    const Fd file = open_in_root(new_root, path, O_RDONLY);
    if (!file.valid()) return fail_errno("cannot open " + printable(path) + " on the root disk");
    struct stat status {};
    if (fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
        (status.st_mode & 0111) == 0) {
        return fail(printable(path) + " on the root disk is not an executable file");
    }
    std::string head(program_head_size, '\0');
    const ssize_t count = read(file.get(), head.data(), head.size());
    if (count < 0) return fail_errno("cannot read " + printable(path) + " on the root disk");
    head.resize(static_cast<size_t>(count));
    if (auto usable = check_program_header(head, path); !usable) return usable;
    const auto interpreter = interpreter_of(head);
    if (!interpreter) return {};
    if (!exists_in_root(new_root, *interpreter)) {
        return fail(printable(path) + " on the root disk needs " + printable(*interpreter) +
                        ", which is not there",
                    "repair the system on the disk, or choose another program with iscsi.init=");
    }
    const bool is_script = head.starts_with("#!");
    return is_script && depth > 0 ? check_program(new_root, *interpreter, depth - 1) : Status();
}

}  // namespace bootwire::handoff
