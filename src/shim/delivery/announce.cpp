#include "delivery/announce.h"

#include <fcntl.h>
#include <fts.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <iterator>

#include "base/text.h"
#include "os/fd.h"
#include "os/file.h"

namespace bootwire::delivery {

namespace {

/// Those that udev's own rules let everybody open (50-udev-default.rules).
constexpr std::string_view open_to_all[] = {"fuse", "net/tun"};

bool is_safe(std::string_view name) {
    return !name.empty() && !name.starts_with('/') && !name.contains("..");
}

void make_node(const DeviceNode& node) {
    const std::string path = "/dev/" + node.name;
    bool for_all = false;
    for (const std::string_view name : open_to_all)
        for_all = for_all || name == node.name;
    if (!make_directories(path.substr(0, path.rfind('/')))) return;
    const mode_t mode = (node.is_block ? S_IFBLK : S_IFCHR) | 0600u;
    if (mknod(path.c_str(), mode, makedev(node.major, node.minor)) == 0 && for_all) {
        chmod(path.c_str(), 0666);
    }
}

/// Only devices of buses have that file: neither disks nor interfaces are disturbed.
void trigger_devices() {
    char root[] = "/sys/devices";
    char* const roots[] = {root, nullptr};
    FTS* const walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, nullptr);
    if (walk == nullptr) return;
    while (const FTSENT* entry = fts_read(walk)) {
        if (std::strcmp(entry->fts_name, "modalias") != 0) continue;
        const std::string path(entry->fts_path, entry->fts_pathlen - entry->fts_namelen);
        (void)write_control_file(path + "uevent", "add");
    }
    fts_close(walk);
}

template <class... Words>
void run(const char* program, Words... words) {
    const pid_t child = fork();
    if (child == 0) {
        const Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
        for (int fd = 0; null.valid() && fd <= 2; ++fd)
            dup2(null.get(), fd);
        execlp(program, program, words..., nullptr);
        _exit(1);
    }
    if (child > 0) waitpid(child, nullptr, 0);
}

/// Who has asked for modules before they were there.
void serve_systemd() {
    if (access("/run/systemd/system", F_OK) != 0) return;
    // zram-generator's, for whose device systemd waits.
    if (access("/run/systemd/generator/dev-zram0.swap", F_OK) == 0) run("modprobe", "zram");
    run("systemctl", "--no-block", "restart", "systemd-modules-load.service");
}

}  // namespace

std::vector<DeviceNode> parse_devname(std::string_view text) {
    std::vector<DeviceNode> nodes;
    for (const std::string_view line : split(text, '\n')) {
        const auto words = split_words(line);
        if (words.size() != 3 || words[0].starts_with('#') || !is_safe(words[1])) continue;
        const std::string_view numbers = words[2];
        const size_t colon = numbers.find(':');
        const bool usable =
            colon != numbers.npos && (numbers.front() == 'c' || numbers.front() == 'b');
        if (!usable) continue;
        const auto major = parse_number<unsigned>(numbers.substr(1, colon - 1));
        const auto minor = parse_number<unsigned>(numbers.substr(colon + 1));
        if (!major || !minor) continue;
        nodes.push_back({std::string(words[1]), numbers.front() == 'b', *major, *minor});
    }
    return nodes;
}

void announce_modules(const std::string& folder) {
    for (const DeviceNode& node :
         parse_devname(read_file(folder + "/modules.devname").value_or("")))
        make_node(node);
    trigger_devices();
    serve_systemd();
}

}  // namespace bootwire::delivery
