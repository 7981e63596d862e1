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
#include "init/disks_initramfs.h"
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

constexpr Milliseconds until_the_jump = std::chrono::minutes(10);

/// All that is needed from the disk, so that it can be let go.
struct NextSystem {
    std::string kernel_name;
    kexec::KernelImage kernel;
    std::optional<devicetree::Tree> tree;  ///< nothing: the one in use
    std::string initramfs;
    std::string command_line;
};

/// Who finds the disk again under its kernel.
enum class Way : uint8_t {
    theirs,      ///< its initramfs logs in
    ours_first,  ///< our init logs in, and then its initramfs goes on as from a card
    ours_alone,  ///< our init takes the place of the one in its initramfs, and pivots
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

Result<std::string> make_command_line(plan::DiskCommandLine disk, const plan::Plan& plan,
                                      const disk::RootChoice& choice, const plan::Given& given,
                                      std::vector<std::string> words, Way way) {
    plan::MergeChanges changes;
    changes.root = lasting_root_name(plan, choice, disk.root);
    changes.init = plan.init.value;
    changes.root_flags = plan.root_flags.value;
    if (way == Way::ours_first) {
        // rdinit= drops the arguments of init before it (kernel/init/main.c, rdinit_setup).
        disk.line.remove("rdinit");
        disk.line.prepend(plan::CommandLine::parse(join(words, " ")));
    } else {
        changes.additions = std::move(words);
    }
    // Ours runs a second time: the disk's words must not send it elsewhere, or into kexec again.
    changes.additions_win = way != Way::theirs;
    changes.keep_our_names = way == Way::ours_alone;
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

Result<Way> choose_way(const kexec::InitramfsAbility& ability, const RootDisk& root,
                       plan::InitramfsUse use) {
    if (ability.can_log_in()) return Way::theirs;
    if (root.has_initramfs() && use != plan::InitramfsUse::never) {
        if (!ability.closed.empty()) {
            log::info("the disk's initramfs is compressed with " + ability.closed +
                      ", which only its kernel unpacks");
        } else if (!root.has_root() && !ability.has_iscsi_module) {
            log::warning(
                "the disk's initramfs has no module iscsi_tcp, and there is no root whose modules "
                "could be taken");
        }
        return Way::ours_first;
    }
    if (auto writable = check_overlay(root); !writable) return std::unexpected(writable.error());
    return Way::ours_alone;
}

Result<std::vector<std::string>> append_ourselves(Way way, std::string& initramfs,
                                                  const NextSystem& next,
                                                  const uplink::Network& network,
                                                  const RootDisk& root, const plan::Given& given) {
    const bool first = way == Way::ours_first;
    auto packed = first ? pack_forerunner(network, root, next.kernel, given)
                        : pack_ourselves(network, root, next.kernel, given);
    if (!packed) return std::unexpected(packed.error());
    append_archive(initramfs, packed->archive);
    log::info("the disk's initramfs cannot log in: ours is appended" +
              std::string(first ? ", and has its turn first, " : ", ") +
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
    const auto way = choose_way(*ability, root, at.plan.initramfs.value);
    if (!way) return std::unexpected(way.error());
    watchdog.expect_progress_within(until_the_jump);  // a journal may be replayed
    auto words = *way == Way::theirs
                     ? direct(next.initramfs, *ability, access_of(at, root.lun()))
                     : append_ourselves(*way, next.initramfs, next, at.network, root, given);
    if (!words) return std::unexpected(words.error());
    auto line = make_command_line(disks_command_line(*files, next.tree), at.plan, root.choice,
                                  given, std::move(*words), *way);
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
