// PID 1 of the shim: board → request → network → plan → session → disk → handoff.
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "init/disk_stage.h"
#include "init/early.h"
#include "init/handoff_stage.h"
#include "init/kexec_stage.h"
#include "init/machine.h"
#include "init/network_stage.h"
#include "init/packed_modules.h"
#include "init/programs.h"
#include "init/session_stage.h"
#include "init/usb_stage.h"
#include "os/clock.h"
#include "os/log.h"
#include "os/random.h"
#include "plan/describe.h"
#include "screen/console.h"
#include "session/start.h"
#include "topics/topic.h"

namespace bootwire::init {

namespace {

using namespace std::chrono_literals;

/// Does what takes a failed attempt's stage down again when it goes out of scope; declared right
/// after what the stage has built up, so that it goes first.
template <class Undo>
class [[nodiscard]] AtEnd {
  public:
    explicit AtEnd(Undo undo) : undo_(std::move(undo)) {}
    AtEnd(const AtEnd&) = delete;
    AtEnd& operator=(const AtEnd&) = delete;
    ~AtEnd() { undo_(); }

  private:
    Undo undo_;
};

/// What all ways on from the session need.
struct LoggedIn {
    const plan::Plan& plan;
    const plan::MachineId& machine_id;
    uplink::Uplink& wired;
    Session& session;
};

/// Shows the disks at the USB port. Returns only when that fails.
Error show_at_usb(const LoggedIn& at, Machine& machine) {
    const auto disks = find_usb_disks(at.session, at.plan, at.machine_id, machine);
    if (!disks) return about(Topic::disk_unreadable, unless_lost(at.session, disks.error()));
    if (auto still_ours = at.wired.check(); !still_ours) return still_ours.error();
    machine.enter("usb");
    machine.help_disk.withdraw();
    return serve_over_usb({at.plan, at.wired.network(), at.session, *disks}, machine);
}

/// Starts what is on the disk, by its own kernel or by ours. Returns only when that fails.
Error start_from_disk(const LoggedIn& at, Machine& machine) {
    const auto disk = find_root_disk(at.session, at.plan, at.machine_id, machine);
    if (!disk) return about(Topic::disk_unreadable, unless_lost(at.session, disk.error()));
    if (auto still_ours = at.wired.check(); !still_ours) return still_ours.error();
    const Outcome outcome{at.plan, at.wired.network(), at.session, *disk};
    if (at.plan.mode.value == plan::Mode::kexec) {
        machine.enter("kexec");
        const auto loaded = load_disks_kernel(outcome, machine);
        if (loaded) {
            machine.stop_attending();
            return start_disks_kernel(outcome, at.session.kernel, machine);
        }
        const Error error = unless_lost(at.session, loaded.error());
        const bool may_pivot = at.plan.fallback.value == plan::Fallback::pivot;
        if (!may_pivot || error.remedy == Remedy::waiting_helps) return error;
        log::failure(error.to_string());
        log::info(where_to_read_on(error.topic));
        log::info("pivoting instead, as iscsi.fallback= says");
    }
    machine.progress.detail(disk->device + ": " + disk->root.why);
    machine.enter("handoff");
    machine.stop_attending();
    return hand_over(outcome, machine);
}

/// One way through all stages. Returns only when one of them fails.
Error boot_once(Machine& machine) {
    plan::Report report;
    const plan::Request request = plan::read_request(machine.given, report);
    log_report(report);
    if (request.splash.value) machine.progress.start();
    machine.rescue_wanted = request.rescue_console.value;
    machine.help_wanted = request.help_disk.value;
    machine.start_attending();

    machine.enter("network");
    // That of a failed attempt stays until now: a person may ask about it, and ask it.
    if (machine.network) take_down(*std::exchange(machine.network, std::nullopt));
    const auto wired = bring_up_network(request.network, machine);
    if (!wired) return wired.error();
    const uplink::Network& network = (*wired)->network();
    machine.network = network;
    open_remote_log(request, network, machine);

    plan::Report plan_report;
    const plan::MachineId machine_id{machine.board.serial, network.link.mac};
    const auto plan = plan::make_plan(request, network.lease, machine_id, plan_report);
    log_report(plan_report);
    if (!plan) return plan.error();
    machine.plan = *plan;
    if (!plan->host_name.value.empty()) {
        sethostname(plan->host_name.value.c_str(), plan->host_name.value.size());
    }

    machine.enter("session");
    machine.progress.detail(plan->target.value.value_or("the only target") + " at " +
                            plan->portals.value.front().to_string());
    auto session = open_session(*plan, machine);
    if (!session) return session.error();
    const AtEnd session_goes([&] { session::drop_from_kernel(session->kernel, session->handle); });

    machine.progress.detail(session->account.target + " at " + session->portal.to_string());
    machine.enter("disk");
    const LoggedIn at{*plan, machine_id, **wired, *session};
    return plan->mode.value == plan::Mode::usb ? show_at_usb(at, machine)
                                               : start_from_disk(at, machine);
}

/// How long to wait before the next attempt. Servers that are away are asked again soon, since they
/// are usually on their way; what an operator must mend is tried ever more seldom.
Milliseconds pause_after(const Error& error, int attempt) {
    const Milliseconds longest = error.remedy == Remedy::waiting_helps ? 5s : 30s;
    const Milliseconds base = std::min<Milliseconds>(1s * (1 << std::min(attempt, 5)), longest);
    return base * (80 + random_number() % 40) / 100;  // a rack of Pis does not ask in step
}

/// Or until somebody has said something new; while somebody asks, there is no attempt.
void wait_before_next_attempt(Milliseconds pause, Machine& machine) {
    const Moment end = now() + pause;
    while ((now() < end || machine.rescue.is_in_use()) && !machine.retry_wanted) {
        machine.rescue.wait(500ms);
        machine.on_progress()();
    }
}

[[noreturn]] void boot_until_it_works(Machine& machine) {
    for (int attempt = 0;; ++attempt) {
        const Error error = boot_once(machine);
        if (std::exchange(machine.retry_wanted, false)) {
            log::info("trying again with what was said");
            attempt = -1;
            continue;
        }
        log::failure(error.what);
        if (!error.hint.empty()) log::info("what to check: " + error.hint);
        log::info(where_to_read_on(error.topic));
        const Milliseconds pause = pause_after(error, attempt);
        machine.progress.failed(error, attempt + 1, pause);
        machine.start_attending();
        machine.offer_help();
        log::info("next attempt in " + std::to_string((pause + 500ms) / 1s) + " s");
        wait_before_next_attempt(pause, machine);
        if (std::exchange(machine.retry_wanted, false)) attempt = -1;
    }
}

}  // namespace

}  // namespace bootwire::init

int main(int argc, char** argv) {
    using namespace bootwire;
    if (const auto status = init::run_program(argc, argv)) return *status;
    if (argc < 1 || getpid() != 1) {
        log::failure("this is bootwire's init, which the kernel starts as process 1");
        return 1;
    }
    const Status mounted = init::mount_kernel_file_systems();
    screen::open_consoles();
    log::start("init", screen::show_line);
    if (!mounted) log::failure(mounted.error().to_string());

    init::Machine machine{
        board::identify(), board::Watchdog::start(), {init::read_kernel_command_line()}};
    log::copy_to([&machine](const log::Line& line) { machine.remote_log.add(line); });
    machine.timeline.enter("init");
    log::info("bootwire " BOOTWIRE_VERSION " on " + machine.board.to_string());
    if (machine.watchdog.present()) {
        log::info("hardware watchdog: " + std::to_string(machine.watchdog.timeout_seconds()) +
                  " s");
    }
    init::set_clock_to_release_time_at_least();
    init::load_packed_modules();
    init::boot_until_it_works(machine);
}
