#include "init/handoff_stage.h"

#include <chrono>

#include "base/text.h"
#include "handoff/pivot.h"
#include "init/leaving.h"
#include "keeper/keeper.h"
#include "os/log.h"

namespace bootwire::init {

namespace {

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
    pivot.overlay_settled = root.overlay || disk_line.line.value("overlayroot").has_value();
    pivot.never_write = !root.overlay && disk_line.read_only.value_or(false);
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
    pivot.seed = seed_of(at);
    pivot.interface = boot_interface(at);
    pivot.disk = own_disk(root);
    pivot.shutdown_patience = at.plan.shutdown_patience.value;
    return pivot;
}

}  // namespace

Error hand_over(const Online& at, const RootDisk& root, const plan::CommandLine& running,
                const board::Board& board, board::Watchdog& watchdog, Telling& telling,
                const delivery::Handle& modules) {
    if (auto writable = check_overlay(root); !writable) return writable.error();
    watchdog.expect_progress_within(std::chrono::minutes(10));  // a journal may be replayed
    const handoff::Pivot pivot = make_pivot(at, root, running);
    const auto init = handoff::prepare_root(pivot);
    if (!init) return init.error();
    log::info("starting " + printable(*init) + " of the root disk");
    settle_board(watchdog);
    log::info(modules.hand_over(handoff::new_root_folder));

    const auto keeper = leave_keeper_behind(at, root, telling, Fd());
    if (!keeper) {
        handoff::leave_root();
        watchdog.start_again();
        return keeper.error();
    }

    say_goodbye(at, root, board, telling);
    const Error error = handoff::start_os(*init, pivot);
    keeper::stop_keeper(*keeper);
    watchdog.start_again();
    restart_after(error, watchdog, telling.remote_log);
}

}  // namespace bootwire::init
