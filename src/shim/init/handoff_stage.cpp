#include "init/handoff_stage.h"

#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "block/block_device.h"
#include "board/cpus.h"
#include "board/ending.h"
#include "handoff/name_servers.h"
#include "handoff/pivot.h"
#include "init/keeping.h"
#include "init/modprobe.h"
#include "init/programs.h"
#include "keeper/keeper.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "plan/boot_json.h"
#include "screen/console.h"

namespace bootwire::init {

namespace {

using namespace std::chrono_literals;

constexpr auto reading_time = 30s;

/// Words that the kernel would pass on to init (kernel/init/main.c, unknown_bootoption): those
/// behind "--", and the run levels and modes that init programs know.
std::vector<std::string> init_arguments(const plan::CommandLine& line) {
    static constexpr std::string_view modes[] = {"single", "s", "S", "emergency", "rescue", "1",
                                                 "2",      "3", "4", "5",         "auto"};
    std::vector<std::string> arguments;
    for (const plan::Word& word : line.words()) {
        if (!word.value && std::ranges::find(modes, word.name) != std::end(modes)) {
            arguments.push_back(word.name);
        }
    }
    for (const plan::Word& word : line.init_arguments())
        arguments.push_back(word.spelling);
    return arguments;
}

handoff::BootInterface boot_interface(const Online& at) {
    handoff::BootInterface interface;
    interface.names.push_back(at.network.link.name);
    if (at.network.below) interface.names.push_back(at.network.below->name);
    interface.mac = at.network.link.mac;
    interface.dns_servers = at.plan.network.dns_servers.value;
    interface.ntp_servers = at.plan.network.ntp_servers.value;
    interface.search_domain = at.plan.network.domain_name.value;
    interface.leased = at.network.lease.has_value();
    return interface;
}

handoff::OwnDisk own_disk(const RootDisk& root) {
    handoff::OwnDisk disk{root.partitions, root.partition, root.choice.file_system.type,
                          root.command_line.root, false};
    const auto elsewhere = block::part_uuids_elsewhere(root.disk.name);
    disk.has_twin = std::ranges::any_of(disk.partitions, [&](const auto& partition) {
        return std::ranges::find(elsewhere, partition.part_uuid) != elsewhere.end();
    });
    if (disk.has_twin) {
        log::warning("another disk here has partitions with the same PARTUUIDs: take it out");
    }
    return disk;
}

handoff::Pivot make_pivot(const Online& at, const RootDisk& root,
                          const plan::CommandLine& running) {
    const plan::DiskCommandLine& disk_line = root.command_line;
    const bool root_was_asked = at.plan.root.has_value();
    const std::string& asked_init = at.plan.init.value;

    handoff::Pivot pivot;
    pivot.root.device = root.partition;
    pivot.root.type = root.choice.file_system.type;
    pivot.root.options = root.root_flags;
    pivot.root.read_only = disk_line.read_only.value_or(true);  // as the kernel does by itself
    pivot.overlay_settled = disk_line.line.value("overlayroot").has_value();
    pivot.never_write = disk_line.read_only.value_or(false);
    pivot.init = asked_init.empty() ? disk_line.init : asked_init;
    pivot.arguments = init_arguments(disk_line.line);
    plan::MergeChanges changes;
    if (root_was_asked && !root.choice.part_uuid.empty()) {
        changes.root = "PARTUUID=" + root.choice.part_uuid;
    }
    changes.init = asked_init;
    changes.root_flags = at.plan.root_flags.value;
    const auto merged = plan::merge_command_lines(disk_line, running, changes);
    for (const std::string& word : merged.left_out) {
        log::warning("no room in the command line for " + printable(word));
    }
    pivot.command_line = std::string(trim(merged.text));
    pivot.interface = boot_interface(at);
    pivot.disk = own_disk(root);
    pivot.shutdown_patience = at.plan.shutdown_patience.value;
    return pivot;
}

std::string boot_json(const Online& at, const RootDisk& root, const board::Board& board,
                      const Timeline& timeline) {
    return "{\"version\":1,\"board\":{\"model\":" + json_string(board.model) +
           ",\"serial\":" + json_string(board.serial) +
           "},\"interface\":" + json_string(at.network.link.name) +
           ",\"address\":" + json_string(at.plan.network.address.value.to_string()) +
           ",\"portal\":" + json_string(at.session.portal.to_string()) +
           ",\"target\":" + json_string(at.session.account.target) +
           ",\"disk\":" + json_string("/dev/" + root.disk.name) +
           ",\"root\":" + json_string(root.partition) +
           ",\"root_file_system\":" + json_string(root.choice.file_system.type) +
           ",\"root_reason\":" + json_string(root.choice.why) +
           ",\"plan\":" + plan::plan_json(at.plan) + ",\"timeline\":" + timeline.to_json() + "}\n";
}

/// The name servers that a later lease brings reach the booted system, too.
TellNameServers tell_os(const Online& at) {
    return [interface = boot_interface(at)](const net::NameServers& names, const Fd& run) mutable {
        interface.dns_servers = names.servers;
        interface.search_domain = names.search_domain;
        return handoff::change_name_servers(run, interface);
    };
}

/// sysvinit's sendsigs kills whatever is not listed there when the system ends.
void spare_in_sysvinit(pid_t keeper) {
    const std::string folder = "/run/sendsigs.omit.d";
    Status done = make_directories(folder);
    if (done) done = replace_file(folder + "/bootwire", std::to_string(keeper) + "\n");
    if (!done) log::warning(done.error().to_string());
}

/// The board as the OS expects to find it, and our programs for it in /run.
void settle_board(board::Watchdog& watchdog) {
    if (const auto running = board::start_all_cpus()) {
        log::info(std::to_string(*running) + " CPUs");
    } else {
        log::warning(running.error().to_string());
    }
    if (!watchdog.disarm()) {
        log::warning("the watchdog cannot be stopped; the OS must feed it");
    }
    if (auto done = install_programs(); !done) log::warning(done.error().to_string());
    if (auto done = install_modules(); !done) log::warning(done.error().to_string());
}

/// The session and the address have somebody who looks after them from now on.
Result<pid_t> leave_keeper_behind(const Online& at, const RootDisk& root, Telling& telling) {
    telling.timeline.enter("init of the disk");
    const auto keeper =
        keeper::start_keeper(keeper_state(at, root.disk, root.hold, telling, tell_os(at)));
    if (keeper) spare_in_sysvinit(*keeper);
    return keeper;
}

/// The end of what init has to say: from here on only the switch itself can fail. json: the text of
/// boot.json.
void say_goodbye(const std::string& json, Telling& telling) {
    log::info("timeline: " + telling.timeline.to_string());
    if (auto done = replace_file("/run/bootwire/boot.json", json); !done) {
        log::warning(done.error().to_string());
    }
    if (auto done = replace_file("/run/bootwire/boot.log", screen::transcript()); !done) {
        log::warning(done.error().to_string());
    }
    telling.progress.end();
    screen::close_consoles();
}

/// The root is the disk's and the initramfs is gone: no attempt could follow. Says so for as long
/// as a person needs to read it.
[[noreturn]] void restart_after(const Error& error, board::Watchdog& watchdog,
                                uplink::RemoteLog& remote_log) {
    screen::open_consoles();
    log_failure(error);
    log::info("restarting in " + std::to_string(reading_time / 1s) + " s");
    for (const Moment end = now() + reading_time; now() < end;) {
        watchdog.expect_progress_within(60s);
        remote_log.flush();
        sleep_for(500ms);
    }
    sync();
    for (;;) {
        board::end_machine(board::Verb::reboot);
        sleep_for(1s);
    }
}

}  // namespace

Error hand_over(const Online& at, const RootDisk& root, const plan::CommandLine& running,
                const board::Board& board, board::Watchdog& watchdog, Telling& telling) {
    if (auto writable = check_overlay(root); !writable) return writable.error();
    watchdog.expect_progress_within(std::chrono::minutes(10));  // a journal may be replayed
    const handoff::Pivot pivot = make_pivot(at, root, running);
    const auto init = handoff::prepare_root(pivot);
    if (!init) return init.error();
    log::info("starting " + printable(*init) + " of the root disk");
    settle_board(watchdog);

    const auto keeper = leave_keeper_behind(at, root, telling);
    if (!keeper) {
        handoff::leave_root();
        watchdog.start_again();
        return keeper.error();
    }

    say_goodbye(boot_json(at, root, board, telling.timeline), telling);
    const Error error = handoff::start_os(*init, pivot);
    keeper::stop_keeper(*keeper);
    watchdog.start_again();
    restart_after(error, watchdog, telling.remote_log);
}

}  // namespace bootwire::init
