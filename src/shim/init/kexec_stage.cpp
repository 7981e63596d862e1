#include "init/kexec_stage.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/secret.h"
#include "base/text.h"
#include "bootfiles/boot_files.h"
#include "devicetree/tree.h"
#include "disk/layout.h"
#include "handoff/mount.h"
#include "handoff/mounted_folder.h"
#include "init/kexec_own_system.h"
#include "init/kexec_tree.h"
#include "init/network_stage.h"
#include "kexec/directions.h"
#include "kexec/load.h"
#include "net/resolve.h"
#include "os/file.h"
#include "os/log.h"
#include "screen/console.h"
#include "session/log_out.h"
#include "session/reserve.h"
#include "topics/topic.h"

namespace bootwire::init {

namespace {

constexpr size_t largest_initramfs = 512 << 20;
constexpr Milliseconds until_the_jump = std::chrono::minutes(10);

/// Bytes for all archives together. Each is there up to four times: as it was read, among the
/// others, as a file for the kernel, and in the kernel's hands.
size_t room_for_initramfs() {
    const auto text = read_file("/proc/meminfo");
    constexpr std::string_view label = "MemAvailable:";
    const size_t at = text ? text->find(label) : std::string::npos;
    if (at == std::string::npos) return largest_initramfs;
    const auto words = split_words(std::string_view(*text).substr(at + label.size(), 40));
    const auto kilobytes = words.empty() ? std::nullopt : parse_number<size_t>(words.front());
    return kilobytes ? std::min(largest_initramfs, *kilobytes * 1024 / 4) : largest_initramfs;
}

/// All that is needed from the disk, so that it can be let go.
struct NextSystem {
    std::string kernel_name;
    kexec::KernelImage kernel;
    std::optional<devicetree::Tree> tree;  ///< nothing: the one in use
    std::string initramfs;
    std::string command_line;
};

kexec::DiskAccess access_of(const Online& at, const iscsi::Lun& lun) {
    const plan::NetworkPlan& planned = at.plan.network;
    const uplink::Network& network = at.network;
    kexec::DiskAccess access;
    access.initiator = at.session.account.initiator;
    access.target = at.session.account.target;
    access.portal = at.session.portal;
    access.portal_group = at.session.parameters.target_portal_group_tag;
    access.lun = lun;
    access.chap = at.session.account.chap;
    access.mutual_chap = at.session.account.mutual_chap;
    access.mac = network.link.mac;
    access.has_vlan = network.below.has_value();
    if (network.lease) return access;
    access.static_address = planned.address.value;
    access.dns_servers = planned.dns_servers.value;
    access.host_name = planned.host_name.value;
    for (const Route& route : planned.routes.value) {
        if (route.destination.length == 0) access.router = route.router;
    }
    return access;
}

/// A name that is the same wherever the disk is found; empty if what the disk says is one, or if
/// there is none.
std::string lasting_root_name(const plan::Plan& plan, const disk::RootChoice& choice,
                              const std::string& disks_word) {
    const std::string& part_uuid = choice.part_uuid;
    const bool lasting = disks_word.starts_with("PARTUUID=") || disks_word.starts_with("UUID=") ||
                         disks_word.starts_with("LABEL=") || disks_word.starts_with("PARTLABEL=");
    if (part_uuid.empty() || (lasting && !plan.root)) return {};
    return "PARTUUID=" + part_uuid;
}

/// With what the firmware would put before it: the tree's words, where parameters leave theirs.
plan::DiskCommandLine disks_command_line(const bootfiles::BootFiles& files,
                                         const std::optional<devicetree::Tree>& tree) {
    auto disk = plan::read_disk_cmdline(files.command_line);
    if (tree && files.by_firmware) {
        const auto words = tree->property("/chosen", "bootargs");
        disk.line.prepend(plan::CommandLine::parse(words.value_or("")));
    }
    return disk;
}

Result<std::string> make_command_line(const plan::DiskCommandLine& disk, const plan::Plan& plan,
                                      const disk::RootChoice& choice, const plan::Given& given,
                                      std::vector<std::string> words, bool keep_our_names) {
    plan::MergeChanges changes;
    changes.root = lasting_root_name(plan, choice, disk.root);
    changes.init = plan.init.value;
    changes.root_flags = plan.root_flags.value;
    changes.additions = std::move(words);
    // Ours runs a second time: the disk's words must not send it elsewhere, or into kexec again.
    changes.additions_win = keep_our_names;
    changes.keep_our_names = keep_our_names;
    changes.max_length = kexec::longest_command_line + 1;
    const auto merged = plan::merge_command_lines(disk, given.as_one_line(), changes);
    for (const std::string& word : merged.left_out) {
        for (const std::string& needed : changes.additions) {
            if (word != needed) continue;
            return fail("the next kernel's command line has no room for " + printable(word, 60),
                        "shorten the disk's cmdline.txt");
        }
        log::warning("no room in the command line for " + printable(word));
    }
    return std::string(trim(merged.text));
}

/// The archives one behind the other, each at a multiple of 4 bytes, as the kernel wants them.
void append_archive(std::string& initramfs, std::string_view archive) {
    initramfs.append((4 - initramfs.size() % 4) % 4, '\0');
    initramfs += archive;
}

Result<std::string> read_initramfs(const bootfiles::BootFiles& files,
                                   const bootfiles::Folder& folder, board::Watchdog& watchdog) {
    const size_t room = room_for_initramfs();
    std::string initramfs;
    for (const std::string& path : files.initramfs) {
        watchdog.expect_progress_within(until_the_jump);
        if (initramfs.size() >= room) {
            return fail("the disk's initramfs archives do not fit into this board's memory",
                        "have config.txt name fewer, or boot with iscsi.mode=pivot");
        }
        const auto part = folder.read(path, room - initramfs.size());
        if (!part) return std::unexpected(part.error());
        append_archive(initramfs, *part);
    }
    return initramfs;
}

/// Which of the ways to find the disk again the initramfs knows.
Result<kexec::InitramfsAbility> examine(const std::string& initramfs,
                                        const bootfiles::BootFiles& files) {
    if (files.initramfs.empty()) return kexec::InitramfsAbility{};
    auto ability = kexec::examine_initramfs(bytes_of(initramfs));
    if (ability) return ability;
    Error error = std::move(ability.error());
    error.what = "the initramfs " + printable(files.initramfs.front(), 120) + " " + error.what;
    if (error.hint.empty()) error.hint = "make it anew, or boot with iscsi.mode=pivot";
    return std::unexpected(std::move(error));
}

/// The disk's initramfs is told where the disk is.
Result<std::vector<std::string>> direct(std::string& initramfs,
                                        const kexec::InitramfsAbility& ability,
                                        const kexec::DiskAccess& access) {
    auto directions = kexec::directions_for(ability, access);
    if (!directions) return std::unexpected(directions.error());
    append_archive(initramfs, directions->archive);
    wipe(directions->archive);
    log::info(std::string("the disk's initramfs logs in by itself: ") +
              (ability.initramfs_tools_iscsi ? "open-iscsi" : "dracut"));
    return std::move(directions->words);
}

/// Our init takes the place of the one in the disk's initramfs.
Result<std::vector<std::string>> append_ourselves(std::string& initramfs, const NextSystem& next,
                                                  const uplink::Network& network,
                                                  const RootDisk& root, const plan::Given& given) {
    auto packed = pack_ourselves(network, root, next.kernel, given);
    if (!packed) return std::unexpected(packed.error());
    append_archive(initramfs, packed->archive);
    log::info("the disk's initramfs cannot log in: ours is appended, " +
              disk::size_text(packed->archive.size()));
    wipe(packed->archive);
    return std::move(packed->words);
}

Result<NextSystem> read_next_system(const Online& at, const RootDisk& root,
                                    const plan::Given& given, board::Watchdog& watchdog) {
    if (!root.boot_files) {
        return fail("the disk has no boot partition that could name a kernel",
                    "iscsi.mode=kexec needs a FAT partition, or a boot loader's files on ext4; "
                    "boot with iscsi.mode=pivot");
    }
    const Result<bootfiles::BootFiles>& files = *root.boot_files;
    if (!files) return std::unexpected(files.error());
    const auto mounted = handoff::TemporaryMount::mount(root.boot_place);
    if (!mounted) return std::unexpected(mounted.error());
    const handoff::MountedFolder folder(mounted->path());
    for (const std::string& note : files->notes)
        log::warning(note);

    NextSystem next;
    auto tree = read_disks_tree(*files, folder);
    if (!tree) return std::unexpected(tree.error());
    next.tree = std::move(*tree);
    next.kernel_name = files->kernel;
    log::info("reading the disk's kernel " + printable(files->kernel, 120) + ", by " +
              files->source);
    watchdog.expect_progress_within(until_the_jump);
    auto kernel_file = folder.read(files->kernel, kexec::largest_image);
    if (!kernel_file) return std::unexpected(kernel_file.error());
    auto kernel = kexec::unpack_kernel(std::move(*kernel_file), files->kernel);
    if (!kernel) return std::unexpected(kernel.error());
    next.kernel = std::move(*kernel);
    auto initramfs = read_initramfs(*files, folder, watchdog);
    if (!initramfs) return std::unexpected(initramfs.error());
    next.initramfs = std::move(*initramfs);
    const auto ability = examine(next.initramfs, *files);
    if (!ability) return std::unexpected(ability.error());
    if (!ability->can_log_in()) {
        if (auto writable = check_overlay(root); !writable) {
            return std::unexpected(writable.error());
        }
    }
    watchdog.expect_progress_within(until_the_jump);  // a journal may be replayed
    auto words = ability->can_log_in()
                     ? direct(next.initramfs, *ability, access_of(at, root.lun()))
                     : append_ourselves(next.initramfs, next, at.network, root, given);
    if (!words) return std::unexpected(words.error());
    auto line = make_command_line(disks_command_line(*files, next.tree), at.plan, root.choice,
                                  given, std::move(*words), !ability->can_log_in());
    if (!line) return std::unexpected(line.error());
    next.command_line = std::move(*line);
    log::info("the disk's kernel: " + printable(next.kernel_name, 120) +
              (next.kernel.packing.empty() ? "" : " (" + next.kernel.packing + ")") + ", " +
              disk::size_text(next.kernel.bytes.size()) + ", initramfs " +
              disk::size_text(next.initramfs.size()));
    return next;
}

/// The next system logs in as another initiator port, which our reservation would keep away.
void give_back(const Online& at, const session::Hold& hold,
               const std::function<void()>& on_progress) {
    const net::NameServers name_servers = name_servers_of(at.plan.network);
    const session::Surroundings surroundings{
        [&](const std::string& host) { return net::resolve(name_servers, host, on_progress); },
        on_progress};
    const plan::Portal portal{at.session.portal.address, at.session.portal.port};
    const auto given = session::release_disk(at.session.account, portal, hold, surroundings);
    if (!given) log::warning("the disk stays reserved: " + given.error().what);
}

}  // namespace

Status load_disks_kernel(const Online& at, const RootDisk& root, const plan::Given& given,
                         board::Watchdog& watchdog) {
    auto next = read_next_system(at, root, given, watchdog);
    if (!next) return std::unexpected(about(Topic::disk_kernel_unusable, next.error()));
    log::info("its command line: " +
              printable(plan::without_secrets(next->command_line), kexec::longest_command_line));
    watchdog.expect_progress_within(until_the_jump);
    const auto loaded =
        next->tree ? kexec::load_kernel_with_tree(next->kernel, next->kernel_name, next->initramfs,
                                                  next->command_line, std::move(*next->tree))
                   : kexec::load_kernel(next->kernel, next->kernel_name, next->initramfs,
                                        next->command_line);
    wipe(next->initramfs);  // secrets may be in it
    if (!loaded) return std::unexpected(about(Topic::disk_kernel_unusable, loaded.error()));
    return {};
}

Error start_disks_kernel(const Online& at, const RootDisk& root, board::Watchdog& watchdog,
                         Telling& telling, const std::function<void()>& on_progress) {
    const auto left =
        session::log_out(at.session.kernel, at.session.handle, "the disk", on_progress);
    left ? log::info("logged out") : log::warning(left.error().what);
    if (root.hold) give_back(at, *root.hold, on_progress);
    if (!watchdog.disarm()) {
        log::warning("the watchdog cannot be stopped; the next kernel must feed it");
    }
    log::info("timeline: " + telling.timeline.to_string());
    log::info("starting the disk's kernel");
    telling.progress.end();
    Error error = kexec::start_loaded_kernel();
    kexec::unload_kernel();  // nobody may start it once other CPUs run
    watchdog.start_again();
    return error;
}

}  // namespace bootwire::init
