#include "init/initramfs_stage.h"

#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <utility>
#include <vector>

#include "base/text.h"
#include "board/modules.h"
#include "disk/layout.h"
#include "handoff/mount.h"
#include "handoff/mounted_folder.h"
#include "handoff/prepare_os.h"
#include "init/disks_initramfs.h"
#include "init/early.h"
#include "init/initramfs_files.h"
#include "init/leaving.h"
#include "init/modprobe.h"
#include "init/packed_modules.h"
#include "init/usher.h"
#include "keeper/keeper.h"
#include "kexec/initramfs.h"
#include "os/file.h"
#include "os/log.h"
#include "topics/topic.h"

namespace bootwire::init {

namespace {

constexpr auto most_time = std::chrono::minutes(10);
/// What an initramfs asks its kernel for, whose modules it has; it has none of ours.
constexpr const char* lent_modules[] = {"squashfs"};

/// What comes after us in the initramfs.
struct Next {
    std::string init;
    std::vector<std::string> arguments;
    std::string command_line;  ///< to be shown to it; empty: the kernel's own
    std::string archives;      ///< to be unpacked; empty: the kernel has done so
};

Result<std::string> read_archives(const RootDisk& root, board::Watchdog& watchdog) {
    if (!root.has_initramfs()) {
        return fail(
            "the disk's boot files name no initramfs",
            "have config.txt name one: `auto_initramfs=1`, or `initramfs FILE followkernel`");
    }
    const auto mounted = handoff::TemporaryMount::mount(root.boot_place);
    if (!mounted) return std::unexpected(mounted.error());
    const bootfiles::BootFiles& files = **root.boot_files;
    auto archives = read_initramfs(files, handoff::MountedFolder(mounted->path()), watchdog);
    if (!archives) return archives;
    const auto ability = examine(*archives, files);
    if (!ability) return std::unexpected(ability.error());
    if (!ability->closed.empty()) {
        return fail("the initramfs " + printable(files.initramfs.front(), 120) +
                        " is compressed with " + ability->closed + ", which bootwire cannot unpack",
                    "have it made with gzip or zstd (initramfs-tools: COMPRESS=), or boot with "
                    "iscsi.mode=kexec: the disk's kernel unpacks it");
    }
    log::info("the disk's initramfs: " + printable(join(files.initramfs, ", "), 240) + ", " +
              disk::size_text(archives->size()));
    return archives;
}

/// The disk's own words, with the root as it is known, and ours.
std::string command_line_for(const Online& at, const RootDisk& root,
                             const plan::CommandLine& running) {
    plan::MergeChanges changes;
    const std::string& word = root.command_line.root;
    const bool lasting = word.contains('=');  // UUID=… and the like
    if (root.has_root() && !root.choice.part_uuid.empty() && (at.plan.root || !lasting)) {
        changes.root = "PARTUUID=" + root.choice.part_uuid;
    }
    changes.init = at.plan.init.value;
    changes.root_flags = at.plan.root_flags.value;
    const auto merged = plan::merge_command_lines(root.command_line, running, changes);
    for (const std::string& left_out : merged.left_out)
        log::warning("no room in the command line for " + printable(left_out));
    return std::string(trim(merged.text));
}

/// Those that the kernel has started us with are for the disk's init.
std::vector<std::string> own_arguments() {
    const std::string text = read_file("/proc/self/cmdline").value_or("");
    std::vector<std::string> arguments;
    for (const std::string_view argument : split(text, '\0'))
        arguments.emplace_back(argument);
    if (!arguments.empty()) arguments.erase(arguments.begin());
    while (!arguments.empty() && arguments.back().empty())
        arguments.pop_back();
    return arguments;
}

Result<Next> find_next(const Online& at, const RootDisk& root, const plan::CommandLine& running,
                       board::Watchdog& watchdog) {
    if (auto init = packed_next_init()) return Next{std::move(*init), own_arguments(), {}, {}};
    auto archives = read_archives(root, watchdog);
    if (!archives) return std::unexpected(about(Topic::initramfs_unusable, archives.error()));
    const plan::CommandLine& line = root.command_line.line;
    return Next{std::string(line.value("rdinit").value_or("/init")), init_arguments(line),
                command_line_for(at, root, running), std::move(*archives)};
}

handoff::Arrival arrival_of(const Online& at, const RootDisk& root, const Next& next) {
    return {boot_interface(at), own_disk(root), at.plan.shutdown_patience.value, seed_of(at),
            next.command_line};
}

/// The keeper, who is returned, and the usher. On failure neither is left.
Result<pid_t> leave_both_behind(const Online& at, const RootDisk& root, const Next& next,
                                Telling& telling, const delivery::Handle& modules) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return fail_errno("cannot start the keeper");
    }
    Fd for_usher(ends[1]);
    const auto keeper = leave_keeper_behind(at, root, telling, Fd(ends[0]));
    if (!keeper) return std::unexpected(keeper.error());
    const auto usher =
        start_usher(arrival_of(at, root, next), std::move(for_usher), modules.another());
    if (!usher) {
        keeper::stop_keeper(*keeper);
        return std::unexpected(usher.error());
    }
    return keeper;
}

/// Whatever of ours is needed no more makes room first.
Status unpack(const std::string& archives) {
    for (const char* ours : {"/init", "/device-trees.zst"})
        unlink(ours);
    InitramfsFiles files("");
    return kexec::unpack_initramfs(
        bytes_of(archives), {[&](const kexec::CpioEntry& entry) { return files.entry(entry); },
                             [&](Bytes piece) { return files.content(piece); }});
}

void load_lent_modules() {
    if (has_packed_modules()) return;  // the disk's kernel: its initramfs has them
    for (const char* name : lent_modules) {
        if (auto loaded = board::load_module("/modules", name); !loaded) {
            log::warning(loaded.error().what);
        }
    }
    if (auto done = lend_modprobe_to_initramfs(); !done) log::warning(done.error().to_string());
}

/// As the kernel would start it, which has mounted nothing. But /proc stays: mounting it a second
/// time at the same place is refused by the kernel (EBUSY, fs/namespace.c), which no initramfs
/// minds, and so the command line that is shown there stays, too. /run stays for those that keep
/// what is there.
Error become(const Next& next) {
    for (const char* folder : {"/sys", "/dev"})
        umount2(folder, MNT_DETACH);
    std::vector<char*> argv;
    std::string program = next.init;
    std::vector<std::string> copies = next.arguments;
    argv.push_back(program.data());
    for (std::string& argument : copies)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    (void)chdir("/");
    execv(next.init.c_str(), argv.data());
    return about(Topic::initramfs_unusable,
                 fail_errno("cannot start " + printable(next.init) + " of the disk's initramfs",
                            "make the initramfs anew"))
        .error();
}

}  // namespace

bool initramfs_may_help(const Error& pivot, const RootDisk& root, plan::InitramfsUse use) {
    if (use != plan::InitramfsUse::automatic || !root.has_initramfs()) return false;
    const bool guessed = !root.choice.warnings.empty() || root.command_line.root.empty();
    return pivot.topic == Topic::overlay_wanted || (pivot.topic == Topic::no_init && guessed);
}

Error start_disks_initramfs(const Online& at, const RootDisk& root,
                            const plan::CommandLine& running, const board::Board& board,
                            board::Watchdog& watchdog, Telling& telling,
                            const delivery::Handle& modules) {
    watchdog.expect_progress_within(most_time);
    const auto next = find_next(at, root, running, watchdog);
    if (!next) return next.error();
    log::info("starting " + printable(next->init) + " of the disk's initramfs");
    settle_board(watchdog);
    if (!next->command_line.empty()) {
        const auto shown = handoff::expose_command_line("/proc", next->command_line);
        if (!shown) log::warning(shown.error().to_string());
    }
    const auto keeper = leave_both_behind(at, root, *next, telling, modules);
    if (!keeper) {
        umount2("/proc/cmdline", MNT_DETACH);
        watchdog.start_again();
        return keeper.error();
    }
    load_lent_modules();
    handoff::keep_interface_name(boot_interface(at));
    say_goodbye(at, root, board, telling);
    const Status unpacked = next->archives.empty() ? Status() : unpack(next->archives);
    const Error error =
        unpacked ? become(*next) : about(Topic::initramfs_unusable, Error(unpacked.error()));
    (void)mount_kernel_file_systems();  // for the consoles
    keeper::stop_keeper(*keeper);
    watchdog.start_again();
    restart_after(error, watchdog, telling.remote_log);
}

}  // namespace bootwire::init
