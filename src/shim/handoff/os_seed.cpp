#include "handoff/os_seed.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "handoff/in_root.h"
#include "handoff/mounted_folder.h"
#include "os/file.h"
#include "os/log.h"
#include "seed/ssh_host_key.h"

namespace bootwire::handoff {

namespace {

constexpr size_t largest = 64 * 1024;
constexpr char ssh_folder[] = "/etc/ssh";

/// Files of a root, by their paths in there.
class Root {
  public:
    explicit Root(std::string path) : path_(std::move(path)) {}

    std::string content(const std::string& file) const {
        return MountedFolder(path_).read(file, largest).value_or("");
    }
    /// In an order that is the same for the same names.
    std::vector<std::string> names(const std::string& folder) const {
        auto names = MountedFolder(path_).list(folder);
        std::ranges::sort(names);
        return names;
    }
    /// In place of the file that the path leads to, or as a new one in a folder that is there.
    Status write(const std::string& file, const std::string& text, unsigned mode) const {
        return replace_file(path_ + place_of(file), text, mode);
    }
    Status remove(const std::string& file) const {
        const std::string place = path_ + place_of(file);
        return unlink(place.c_str()) == 0 ? Status() : fail_errno("cannot remove " + file);
    }
    bool is_own_file(const std::string& file) const {
        struct stat status{};
        return lstat((path_ + place_of(file)).c_str(), &status) == 0 && S_ISREG(status.st_mode);
    }

  private:
    /// Without symbolic links that would lead out of the root.
    std::string place_of(const std::string& file) const {
        std::string real = real_path_in_root(path_, file);
        if (!real.empty()) return real;
        const size_t slash = file.rfind('/');
        return real_path_in_root(path_, file.substr(0, slash)) + file.substr(slash);
    }

    const std::string path_;
};

bool is_host_key(std::string_view name) {
    return name.starts_with("ssh_host_") && name.find("_key") != name.npos;
}

bool is_private_key(std::string_view name) {
    return is_host_key(name) && name.ends_with("_key");
}

/// All of them go, once there is another: the system's copies have them, too.
Status replace_host_keys(const Root& root, const seed::Machine& machine, const std::string& name) {
    std::string secret;
    std::vector<std::string> old;
    for (const std::string& file : root.names(ssh_folder)) {
        const std::string path = std::string(ssh_folder).append("/").append(file);
        if (is_private_key(file)) secret += root.content(path);
        if (is_host_key(file)) old.push_back(path);
    }
    if (secret.empty()) return {};  // it makes its own, if it has a server at all
    const auto key = seed::ssh_host_key(seed::ssh_private_key(machine, secret), "root@" + name);
    const std::string path = std::string(ssh_folder) + "/ssh_host_ed25519_key";
    if (auto done = root.write(path, key.private_file, 0600); !done) return done;
    if (auto done = root.write(path + ".pub", key.public_file, 0644); !done) return done;
    for (const std::string& other : old) {
        if (other == path || other == path + ".pub") continue;
        if (auto gone = root.remove(other); !gone) return gone;
    }
    return {};
}

Status write_names(const Root& root, const std::string& id, const std::string& old,
                   const std::string& name) {
    constexpr char dbus_copy[] = "/var/lib/dbus/machine-id";
    constexpr char hosts[] = "/etc/hosts";
    Status done = root.write("/etc/machine-id", id + "\n", 0444);
    if (done && root.is_own_file(dbus_copy)) done = root.write(dbus_copy, id + "\n", 0644);
    if (done) done = root.write("/etc/hostname", name + "\n", 0644);
    const std::string known = root.content(hosts);
    if (done && !known.empty()) {
        done = root.write(hosts, seed::hosts_with(known, old, name), 0644);
    }
    return done;
}

/// The note comes last: what was not finished begins anew.
Status make_own(const Root& root, const seed::Machine& machine) {
    const std::string id = seed::machine_id(machine);
    const std::string old(trim(root.content("/etc/hostname")));
    const std::string name = seed::host_name(machine, old);
    Status done = replace_host_keys(root, machine, name);
    if (done) done = write_names(root, id, old, name);
    if (done) done = root.write(seed_note, id + "\n", 0644);
    if (done) log::info("the system is " + printable(name) + " with a machine ID of its own");
    return done;
}

}  // namespace

void seed_root(const MountRequest& request, const seed::Machine& machine) {
    const Root root(request.target);
    if (trim(root.content(seed_note)) == seed::machine_id(machine)) return;
    Status done = request.read_only ? remount(request, false) : Status();
    if (done) done = make_own(root, machine);
    if (!done) log::warning("iscsi.seed=1: " + done.error().to_string());
    if (!request.read_only) return;
    if (auto again = remount(request, true); !again) log::warning(again.error().to_string());
}

}  // namespace bootwire::handoff
