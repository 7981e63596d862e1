#include "handoff/prepare_os.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/text.h"
#include "handoff/cover.h"
#include "handoff/in_root.h"
#include "handoff/interfaces_file.h"
#include "handoff/mounted_folder.h"
#include "handoff/name_servers.h"
#include "handoff/os_patience.h"
#include "handoff/os_profile.h"
#include "handoff/os_shutdown.h"
#include "handoff/program_file.h"
#include "os/fd.h"
#include "os/file.h"
#include "os/log.h"

namespace bootwire::handoff {

namespace {

constexpr size_t largest_configuration = 256 * 1024;
constexpr char sysvinit_script[] = "/etc/init.d/rc";  // of Debian's sysv-rc and OpenRC

/// What the path leads to, links followed, without the folders; nothing if it leads nowhere.
std::string file_name_in_root(const std::string& root, const std::string& path) {
    const std::string found = real_path_in_root(root, path);
    return found.substr(found.rfind('/') + 1);
}

/// The regular file's content; nothing if it is not there or not readable.
std::optional<std::string> content_in_root(const std::string& root, const std::string& path) {
    auto content = MountedFolder(root).read(path, largest_configuration);
    if (!content) return std::nullopt;
    return std::move(*content);
}

void create(const NewFile& file) {
    Status done = make_directories(file.path.substr(0, file.path.rfind('/')));
    if (done) done = replace_file(file.path, file.content);
    if (!done) log::warning(done.error().to_string());
}

void create(const std::vector<NewFile>& files) {
    for (const NewFile& file : files)
        create(file);
}

/// Files of the root that are shown with another content, and stay so until the system ends.
class Covers {
  public:
    Covers(const std::string& root, bool with_systemd) : root_(root), with_systemd_(with_systemd) {}

    void add(const std::string& path, const std::string& content, unsigned mode = 0644) const {
        const std::string real_path = real_path_in_root(root_, path);
        if (auto done = cover(root_, real_path, content, mode); !done) {
            log::warning(done.error().to_string());
            return;
        }
        const auto unit = mount_unit(real_path);
        if (with_systemd_ && unit) create(*unit);
    }

  private:
    const std::string& root_;
    bool with_systemd_;
};

/// The path, and those of the files in PATH.d.
std::vector<std::string> with_drop_ins(const std::string& root, const std::string& path) {
    std::vector<std::string> paths = {path};
    const std::string folder = path + ".d";
    for (const std::string& name : MountedFolder(root).list(folder))
        paths.push_back(std::string(folder).append("/").append(name));
    return paths;
}

void protect_interfaces_files(const std::string& root, const BootInterface& interface,
                              const Covers& covers) {
    for (const std::string& path : with_drop_ins(root, "/etc/network/interfaces")) {
        const auto content = content_in_root(root, path);
        if (!content) continue;
        const QuietInterfaces quiet = interfaces_without(*content, interface);
        for (const std::string& warning : quiet.warnings)
            log::warning(std::string(path).append(": ").append(warning));
        if (quiet.changed) covers.add(path, quiet.text);
    }
}

void have_dhcpcd_leave(const std::string& root, const BootInterface& interface,
                       const Covers& covers) {
    constexpr char conf_file[] = "/etc/dhcpcd.conf";
    if (const auto conf = content_in_root(root, conf_file)) {
        covers.add(conf_file, dhcpcd_conf_denying(*conf, interface.names));
    }
    for (const auto& path : with_drop_ins(root, "/etc/systemd/system/dhcpcd.service")) {
        const auto unit = content_in_root(root, path);
        const auto other = unit ? dhcpcd_unit_not_waiting(*unit) : std::nullopt;
        if (other) covers.add(path, *other);
    }
}

void have_connman_leave(const std::string& root, const BootInterface& interface,
                        const Covers& covers) {
    constexpr char conf_file[] = "/etc/connman/main.conf";
    for (const std::string& path : with_drop_ins(root, conf_file)) {
        const bool is_main = path == conf_file;
        const auto conf = content_in_root(root, path);
        const auto other =
            conf ? connman_conf_without(*conf, is_main, interface.names) : std::nullopt;
        if (other) covers.add(path, *other);
        if (!conf && is_main && exists_in_root(root, "/usr/sbin/connmand")) {
            log::warning(
                "connman will take the boot interface: it has no /etc/connman/main.conf in which "
                "it could be told to leave it; make one, it may be empty");
        }
    }
}

/// Where the root's resolv.conf is a link to below /run; nothing if it is none.
std::string resolv_conf_link_into_run(const std::string& root) {
    char link[256];
    const ssize_t length = readlink((root + "/etc/resolv.conf").c_str(), link, sizeof link);
    std::string target(link, length < 0 ? 0 : static_cast<size_t>(length));
    if (target.starts_with("../run/")) target = target.substr(2);
    const bool usable = target.starts_with("/run/") && target.find("..") == target.npos;
    return usable ? target : std::string();
}

/// A resolv.conf that is a file is covered. Of one that is a link into /run, where nobody has been
/// yet, it depends on whose it is: a stub resolver's is left to it; resolvconf makes its own from
/// records, of which it gets one; for all others there will be a link to what would have covered
/// it, which is what the keeper changes later. Where nothing is known yet, the disk's own file is
/// better than an empty one.
void provide_resolv_conf(const std::string& root, const BootInterface& interface,
                         const Covers& covers) {
    if (!interface.may_have_dns()) return;
    const std::string content = resolv_conf(interface);
    const std::string target = resolv_conf_link_into_run(root);
    if (target.empty()) {
        const bool is_file = real_path_in_root(root, "/etc/resolv.conf") == "/etc/resolv.conf";
        if (is_file && !interface.dns_servers.empty()) covers.add("/etc/resolv.conf", content);
        return;
    }
    if (target.find("/systemd/resolve/") != target.npos) return;
    if (target == "/run/resolvconf/resolv.conf") {
        create({target, content});  // until resolvconf has run
        create({"/run/" + resolvconf_record(interface), content});
        return;
    }
    const std::string ours = std::string("/run/") + resolv_conf_in_run;
    create({ours, content});
    Status done = make_directories(target.substr(0, target.rfind('/')));
    if (done && symlink(ours.c_str(), target.c_str()) != 0 && errno != EEXIST) {
        done = fail_errno("cannot provide " + target);
    }
    if (!done) log::warning(done.error().to_string());
}

}  // namespace

bool leads_to_systemd(const std::string& new_root, const std::string& init) {
    constexpr char usual_init[] = "/sbin/init";
    const auto is_systemd = [&](const std::string& path) {
        return file_name_in_root(new_root, path) == "systemd";
    };
    return is_systemd(init) || is_systemd(usual_init) || !exists_in_root(new_root, usual_init);
}

bool ends_without_asking(const std::string& new_root, const std::string& init) {
    if (leads_to_systemd(new_root, init) || exists_in_root(new_root, sysvinit_script)) return false;
    const Fd program = open_in_root(new_root, init, O_RDONLY);
    char head[2]{};
    return read(program.get(), head, sizeof head) == sizeof head &&
           std::string_view(head, sizeof head) != "#!";
}

void keep_interface_name(const BootInterface& interface) {
    const NewFile file = lasting_name(interface);
    if (access(file.path.c_str(), F_OK) != 0) create(file);
}

void protect_boot_interface(const std::string& new_root, const BootInterface& interface,
                            bool with_systemd) {
    create(drop_ins(interface));
    if (with_systemd) {
        create(network_units(interface));
        create(service_watchdogs());
    }
    const Covers covers(new_root, with_systemd);
    protect_interfaces_files(new_root, interface, covers);
    have_dhcpcd_leave(new_root, interface, covers);
    have_connman_leave(new_root, interface, covers);
    provide_resolv_conf(new_root, interface, covers);
}

void heal_fstab(const std::string& new_root, const OwnDisk& disk, bool with_systemd) {
    constexpr char path[] = "/etc/fstab";
    const auto fstab = content_in_root(new_root, path);
    const auto healed = fstab ? fstab_with_own_nodes(*fstab, disk) : std::nullopt;
    if (!healed) return;
    log::info("/etc/fstab names partitions " +
              std::string(disk.has_twin ? "as another disk has them, too" : "of a card") +
              ": it is shown with those of this disk");
    Covers(new_root, with_systemd).add(path, cover_note + *healed);
}

void show_programs(const std::string& new_root, bool with_systemd) {
    constexpr char path[] = "/etc/profile";
    if (const auto profile = content_in_root(new_root, path)) {
        Covers(new_root, with_systemd).add(path, profile_with_programs(*profile));
    }
}

void prepare_shutdown(const std::string& new_root, bool with_systemd,
                      std::chrono::seconds patience) {
    if (with_systemd) create(shutdown_units(patience));
    if (!exists_in_root(new_root, sysvinit_script)) return;
    const Covers covers(new_root, with_systemd);
    for (const Prologue& prologue : sysvinit_prologues()) {
        const std::string path(prologue.path);
        const auto script = content_in_root(new_root, path);
        if (script) covers.add(path, with_prologue(*script, prologue.text), 0755);
    }
}

void have_busybox_tell(const std::string& new_root, const std::string& init) {
    constexpr char path[] = "/etc/inittab";
    if (file_name_in_root(new_root, init) != "busybox") return;
    const auto inittab = content_in_root(new_root, path);
    if (inittab) Covers(new_root, false).add(path, inittab_that_tells(*inittab));
}

Status expose_command_line(const std::string& proc, const std::string& command_line) {
    if (auto done = replace_file(shown_command_line, command_line + "\n", 0444); !done) return done;
    if (mount(shown_command_line, (proc + "/cmdline").c_str(), nullptr, MS_BIND, nullptr) != 0) {
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
    struct stat status{};
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
