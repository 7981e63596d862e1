#include "init/leaving.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/text.h"
#include "block/block_device.h"
#include "board/cpus.h"
#include "board/ending.h"
#include "handoff/name_servers.h"
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

std::string boot_json(const Online& at, const RootDisk& root, const board::Board& board,
                      const Timeline& timeline) {
    return "{\"version\":1,\"board\":{\"model\":" + json_string(board.model) +
           ",\"serial\":" + json_string(board.serial) +
           "},\"interface\":" + json_string(at.network.link.name) +
           ",\"address\":" + json_string(at.plan.network.address.value.to_string()) +
           ",\"portal\":" + json_string(at.session.portal.to_string()) +
           ",\"target\":" + json_string(at.session.account.target) +
           ",\"disk\":" + json_string("/dev/" + root.device) +
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

}  // namespace

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
    const auto elsewhere = block::part_uuids_elsewhere(root.device);
    disk.has_twin = std::ranges::any_of(disk.partitions, [&](const auto& partition) {
        return std::ranges::find(elsewhere, partition.part_uuid) != elsewhere.end();
    });
    if (disk.has_twin) {
        log::warning("another disk here has partitions with the same PARTUUIDs: take it out");
    }
    return disk;
}

std::optional<seed::Machine> seed_of(const Online& at) {
    if (!at.plan.seed.value) return std::nullopt;
    seed::Machine machine{at.machine_id.serial, at.session.account.target,
                          at.plan.network.host_name.value};
    if (machine.board.empty()) machine.board = at.network.link.mac.to_string();
    return machine;
}

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

Result<pid_t> leave_keeper_behind(const Online& at, const RootDisk& root, Telling& telling,
                                  Fd new_run) {
    telling.timeline.enter("init of the disk");
    auto state = keeper_state(at, root.disk, root.hold, telling, tell_os(at));
    if (root.overlay) state.disk.overlay = {root.overlay->memory(), root.overlay->sizes()};
    state.new_run = std::move(new_run);
    const auto keeper = keeper::start_keeper(std::move(state));
    if (keeper) spare_in_sysvinit(*keeper);
    return keeper;
}

void say_goodbye(const Online& at, const RootDisk& root, const board::Board& board,
                 Telling& telling) {
    log::info("timeline: " + telling.timeline.to_string());
    if (auto done =
            replace_file("/run/bootwire/boot.json", boot_json(at, root, board, telling.timeline));
        !done) {
        log::warning(done.error().to_string());
    }
    if (auto done = replace_file("/run/bootwire/boot.log", screen::transcript()); !done) {
        log::warning(done.error().to_string());
    }
    telling.progress.end();
    screen::close_consoles();
}

void restart_after(const Error& error, board::Watchdog& watchdog, uplink::RemoteLog& remote_log) {
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

}  // namespace bootwire::init
