// What the stages of the boot share: the board, its watchdog, and the operator's words.
#pragma once

#include <functional>
#include <string>

#include "base/topic.h"
#include "board/identity.h"
#include "board/watchdog.h"
#include "init/progress.h"
#include "init/timeline.h"
#include "net/remote_log.h"
#include "plan/command_line.h"
#include "plan/settings.h"

namespace bootwire::init {

struct Machine {
    board::Identity board;
    board::Watchdog watchdog;
    plan::CommandLine command_line;  ///< with the secrets
    Timeline timeline{};
    net::RemoteLog remote_log{};
    Progress progress{board};

    void enter(std::string_view stage) {
        timeline.enter(stage);
        progress.enter(stage);
    }

    /// For everything that waits: tells the watchdog that the boot is alive, and sends what the
    /// log server has not got yet.
    std::function<void()> on_progress() {
        return [this] {
            watchdog.expect_progress_within(std::chrono::seconds(60));
            remote_log.flush();
        };
    }
};

/// Reads the kernel command line and, once and for all, the secrets that the kernel kept apart
/// (kernel/patches/0003), or that came packed beside us through kexec.
plan::CommandLine read_kernel_command_line();

/// The line that tells where docs/troubleshooting.md explains a failure.
std::string where_to_read_on(Topic topic);

/// Writes a report's lines and warnings to the log.
void log_report(const plan::Report& report);

}  // namespace bootwire::init
