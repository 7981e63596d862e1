// PID 1 of the shim: board → request → network → plan → session → disk → handoff.
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "board/boot_rom.h"
#include "init/bootloader_stage.h"
#include "init/disk_stage.h"
#include "init/early.h"
#include "init/handoff_stage.h"
#include "init/initramfs_stage.h"
#include "init/kernel_command_line.h"
#include "init/kexec_stage.h"
#include "init/machine.h"
#include "init/modules_stage.h"
#include "init/network_stage.h"
#include "init/packed_modules.h"
#include "init/plan_stage.h"
#include "init/programs.h"
#include "init/session_stage.h"
#include "init/usb_stage.h"
#include "os/clock.h"
#include "os/log.h"
#include "os/random.h"
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

/// What the people have said, who are attended to from now on as they wish.
plan::Request take_request(Telling& telling, People& people) {
    plan::Report report;
    plan::Request request = plan::read_request(people.given, report);
    log_report(report);
    if (request.splash.value) telling.progress.start();
    people.allow(request.rescue_console.value, request.help_disk.value);
    people.start_attending();
    return request;
}

/// Shows the disks at the USB port. Returns only when that fails.
Error show_at_usb(const Online& at, uplink::Uplink& uplink, Machine& machine) {
    const auto disks = find_usb_disks(at, machine.telling.progress, machine.on_progress());
    if (!disks) return about(Topic::disk_unreadable, unless_lost(at.session, disks.error()));
    if (auto still_ours = uplink.check(); !still_ours) return still_ours.error();
    machine.telling.enter("usb");
    machine.people.withdraw_help_disk();
    return serve_over_usb(at, *disks, machine);
}

/// Starts the disk's own kernel. Returns only when that fails: with nothing if ours may pivot into
/// the root instead.
std::optional<Error> start_by_own_kernel(const Online& at, const RootDisk& root, Machine& machine) {
    machine.telling.enter("kexec");
    const auto loaded = load_disks_kernel(at, root, machine.people.given, machine.watchdog);
    if (loaded) {
        machine.people.stop_attending();
        return start_disks_kernel(at, root, machine.watchdog, machine.telling,
                                  machine.on_progress());
    }
    Error error = unless_lost(at.session, loaded.error());
    const bool may_pivot = at.plan.fallback.value == plan::Fallback::pivot;
    if (!may_pivot || error.remedy == Remedy::waiting_helps) return error;
    log::failure(error.to_string());
    log::info(where_to_read_on(error.topic));
    log::info("pivoting instead, as iscsi.fallback= says");
    return std::nullopt;
}

/// Has the disk's own initramfs find the root. Returns only when that fails.
Error start_by_own_initramfs(const Online& at, const RootDisk& root, Machine& machine) {
    if (!root.initramfs_wanted.empty()) {
        log::info("the disk's own initramfs gets its turn: " + root.initramfs_wanted);
    }
    machine.telling.progress.detail("the disk's own initramfs");
    return start_disks_initramfs(at, root, machine.people.given.command_line, machine.board,
                                 machine.watchdog, machine.telling, machine.modules.handle());
}

/// Switches into the root, or has the disk's initramfs do so. Returns only when that fails.
Error start_by_our_kernel(const Online& at, const RootDisk& root, Machine& machine) {
    fetch_modules(at.plan, at.network, machine.board, machine.people, machine.modules);
    machine.telling.enter("handoff");
    machine.people.stop_attending();
    if (!root.initramfs_wanted.empty() || packed_next_init()) {
        return start_by_own_initramfs(at, root, machine);
    }
    machine.telling.progress.detail(root.partition + ": " + root.choice.why);
    Error error = hand_over(at, root, machine.people.given.command_line, machine.board,
                            machine.watchdog, machine.telling, machine.modules.handle());
    if (!initramfs_may_help(error, root, at.plan.initramfs.value)) return error;
    log::warning(error.what + ": the disk's own initramfs gets its turn");
    return start_by_own_initramfs(at, root, machine);
}

/// Starts what is on the disk, by its own kernel or by ours. Returns only when that fails.
Error start_from_disk(const Online& at, uplink::Uplink& uplink, Machine& machine) {
    const auto root = find_root_disk(at, machine.board, machine.watchdog, machine.on_progress());
    if (!root) return about(Topic::disk_unreadable, unless_lost(at.session, root.error()));
    if (auto still_ours = uplink.check(); !still_ours) return still_ours.error();
    if (at.plan.mode.value == plan::Mode::kexec) {
        if (auto error = start_by_own_kernel(at, *root, machine)) return *std::move(error);
    }
    return start_by_our_kernel(at, *root, machine);
}

/// One way through all stages. Returns only when one of them fails.
Error boot_once(Machine& machine) {
    auto& [board, watchdog, telling, findings, people, modules, looked_after] = machine;
    const std::function<void()> on_progress = machine.on_progress();
    const plan::Request request = take_request(telling, people);
    if (!std::exchange(looked_after, true)) {
        look_after_bootloader(board, request.bootloader, people.card(), people.given.command_line,
                              telling);
    }

    telling.enter("network");
    begin_anew(findings);
    const auto uplink = bring_up_network(request, telling, people, on_progress);
    if (!uplink) return uplink.error();
    const uplink::Network& network = (*uplink)->network();
    findings.network = network;
    findings.network_plan = plan_network(request, network);
    telling.remote_log.open(remote_log_settings(*findings.network_plan));

    const plan::MachineId machine_id{board.serial, network.link.mac};
    auto plan = complete_plan(request, *findings.network_plan, network, machine_id);
    if (!plan) return plan.error();
    findings.plan = std::move(*plan);

    if (findings.plan->mode.value == plan::Mode::pivot) {
        fetch_modules(*findings.plan, network, board, people, modules);
    }

    telling.enter("session");
    auto session = open_session(*findings.plan, board, telling.progress, on_progress);
    if (!session) return session.error();
    const AtEnd session_goes([&] { session::drop_from_kernel(session->kernel, session->handle); });

    telling.enter("disk");
    const Online at{*findings.plan, machine_id, network, *session};
    return at.plan.mode.value == plan::Mode::usb ? show_at_usb(at, **uplink, machine)
                                                 : start_from_disk(at, **uplink, machine);
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
    while ((now() < end || machine.people.are_asking()) && !machine.people.retry_wanted) {
        machine.people.wait(500ms);
        machine.on_progress()();
    }
}

[[noreturn]] void boot_until_it_works(Machine& machine) {
    People& people = machine.people;
    for (int attempt = 0;; ++attempt) {
        const Error error = boot_once(machine);
        if (std::exchange(people.retry_wanted, false)) {
            log::info("trying again with what was said");
            attempt = -1;
            continue;
        }
        log_failure(error);
        const Milliseconds pause = pause_after(error, attempt);
        machine.telling.progress.failed(error, attempt + 1, pause);
        people.start_attending();
        people.offer_help();
        log::info("next attempt in " + std::to_string((pause + 500ms) / 1s) + " s");
        wait_before_next_attempt(pause, machine);
        if (std::exchange(people.retry_wanted, false)) attempt = -1;
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

    init::Machine machine{board::identify(), board::Watchdog::start(),
                          init::read_kernel_command_line()};
    log::copy_to([&machine](const log::Line& line) { machine.telling.remote_log.add(line); });
    machine.telling.timeline.enter("init");
    log::info("bootwire " BOOTWIRE_VERSION " on " + machine.board.to_string());
    if (machine.watchdog.present()) {
        log::info("hardware watchdog: " + std::to_string(machine.watchdog.timeout_seconds()) +
                  " s");
    }
    if (const auto rom = board::network_boot(machine.board); rom && !init::has_packed_modules()) {
        log::info("this 3B " + std::string(board::to_string(*rom)));
    }
    init::set_clock_to_release_time_at_least();
    init::load_packed_modules();
    machine.people.read_card();
    init::boot_until_it_works(machine);
}
