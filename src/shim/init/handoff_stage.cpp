#include "init/handoff_stage.h"

#include <unistd.h>

#include <algorithm>

#include "base/text.h"
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

handoff::BootInterface boot_interface(const Outcome& outcome) {
    handoff::BootInterface interface;
    interface.names.push_back(outcome.network.link.name);
    if (outcome.network.below) interface.names.push_back(outcome.network.below->name);
    interface.mac = outcome.network.link.mac;
    interface.dns_servers = outcome.plan.dns_servers.value;
    interface.ntp_servers = outcome.plan.ntp_servers.value;
    interface.search_domain = outcome.plan.domain_name.value;
    interface.leased = outcome.network.lease.has_value();
    return interface;
}

handoff::Pivot make_pivot(const Outcome& outcome, const Machine& machine) {
    const plan::DiskCommandLine& disk_line = outcome.disk.command_line;
    const bool root_was_asked = outcome.plan.root.has_value();
    const std::string& asked_init = outcome.plan.init.value;

    handoff::Pivot pivot;
    pivot.root.device = outcome.disk.device;
    pivot.root.type = outcome.disk.root.file_system.type;
    pivot.root.options = disk_line.root_flags;
    pivot.root.read_only = disk_line.read_only.value_or(true);  // as the kernel does by itself
    pivot.init = asked_init.empty() ? disk_line.init : asked_init;
    pivot.arguments = init_arguments(disk_line.line);
    plan::MergeChanges changes;
    if (root_was_asked && !outcome.disk.root.part_uuid.empty()) {
        changes.root = "PARTUUID=" + outcome.disk.root.part_uuid;
    }
    changes.init = asked_init;
    const auto merged = plan::merge_command_lines(disk_line, machine.given.command_line, changes);
    for (const std::string& word : merged.left_out) {
        log::warning("no room in the command line for " + printable(word));
    }
    pivot.command_line = std::string(trim(merged.text));
    pivot.interface = boot_interface(outcome);
    pivot.shutdown_patience = outcome.plan.shutdown_patience.value;
    return pivot;
}

std::string boot_json(const Outcome& outcome, const Machine& machine) {
    const board::Board& board = machine.board;
    return "{\"version\":1,\"board\":{\"model\":" + json_string(board.model) +
           ",\"serial\":" + json_string(board.serial) +
           "},\"interface\":" + json_string(outcome.network.link.name) +
           ",\"address\":" + json_string(outcome.network.address.to_string()) +
           ",\"portal\":" + json_string(outcome.session.portal.to_string()) +
           ",\"target\":" + json_string(outcome.session.account.target) +
           ",\"disk\":" + json_string("/dev/" + outcome.disk.name) +
           ",\"root\":" + json_string(outcome.disk.device) +
           ",\"root_file_system\":" + json_string(outcome.disk.root.file_system.type) +
           ",\"root_reason\":" + json_string(outcome.disk.root.why) +
           ",\"plan\":" + plan::plan_json(outcome.plan) +
           ",\"timeline\":" + machine.timeline.to_json() + "}\n";
}

/// The name servers that a later lease brings reach the booted system, too.
keeper::KeeperState keeper_state(const Outcome& outcome, const Machine& machine) {
    const auto tell_os = [interface = boot_interface(outcome)](const net::Resolver& names,
                                                               const Fd& run) mutable {
        interface.dns_servers = names.servers;
        interface.search_domain = names.search_domain;
        return handoff::change_name_servers(run, interface);
    };
    return keeper_state({outcome.plan, outcome.network, outcome.session, outcome.disk.name,
                         outcome.disk.lun, outcome.disk.hold},
                        machine, tell_os);
}

/// sysvinit's sendsigs kills whatever is not listed there when the system ends.
void spare_in_sysvinit(pid_t keeper) {
    const std::string folder = "/run/sendsigs.omit.d";
    Status done = make_directories(folder);
    if (done) done = replace_file(folder + "/bootwire", std::to_string(keeper) + "\n");
    if (!done) log::warning(done.error().to_string());
}

/// The board as the OS expects to find it, and our programs for it in /run.
void settle_machine(Machine& machine) {
    if (const auto running = board::start_all_cpus()) {
        log::info(std::to_string(*running) + " CPUs");
    } else {
        log::warning(running.error().to_string());
    }
    if (!machine.watchdog.disarm()) {
        log::warning("the watchdog cannot be stopped; the OS must feed it");
    }
    if (auto done = install_programs(); !done) log::warning(done.error().to_string());
    if (auto done = install_modules(); !done) log::warning(done.error().to_string());
}

/// The session and the address have somebody who looks after them from now on.
Result<pid_t> leave_keeper_behind(const Outcome& outcome, Machine& machine) {
    machine.timeline.enter("init of the disk");
    const auto keeper = keeper::start_keeper(keeper_state(outcome, machine));
    if (keeper) spare_in_sysvinit(*keeper);
    return keeper;
}

/// What must wait until nothing can fail any more but the switch itself.
void say_goodbye(const Outcome& outcome, Machine& machine) {
    log::info("timeline: " + machine.timeline.to_string());
    if (auto done = replace_file("/run/bootwire/boot.json", boot_json(outcome, machine)); !done) {
        log::warning(done.error().to_string());
    }
    if (auto done = replace_file("/run/bootwire/boot.log", screen::transcript()); !done) {
        log::warning(done.error().to_string());
    }
    machine.progress.end();
    screen::close_consoles();
}

/// The root is the disk's and the initramfs is gone: no attempt could follow. Says so for as long
/// as a person needs to read it.
[[noreturn]] void restart_after(const Error& error, Machine& machine) {
    screen::open_consoles();
    log::failure(error.what);
    if (!error.hint.empty()) log::info("what to check: " + error.hint);
    log::info(where_to_read_on(error.topic));
    log::info("restarting in " + std::to_string(reading_time / 1s) + " s");
    for (const Moment end = now() + reading_time; now() < end;) {
        machine.watchdog.expect_progress_within(60s);
        machine.remote_log.flush();
        sleep_for(500ms);
    }
    sync();
    for (;;) {
        board::end_machine(board::Verb::reboot);
        sleep_for(1s);
    }
}

}  // namespace

Error hand_over(const Outcome& outcome, Machine& machine) {
    machine.watchdog.expect_progress_within(std::chrono::minutes(10));  // a journal may be replayed
    const handoff::Pivot pivot = make_pivot(outcome, machine);
    const auto init = handoff::prepare_root(pivot);
    if (!init) return init.error();
    log::info("starting " + printable(*init) + " of the root disk");
    settle_machine(machine);

    const auto keeper = leave_keeper_behind(outcome, machine);
    if (!keeper) {
        handoff::leave_root();
        machine.watchdog.start_again();
        return keeper.error();
    }

    say_goodbye(outcome, machine);
    const Error error = handoff::start_os(*init, pivot.arguments);
    keeper::stop_keeper(*keeper);
    machine.watchdog.start_again();
    restart_after(error, machine);
}

}  // namespace bootwire::init
