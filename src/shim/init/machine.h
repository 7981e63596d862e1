// What the stages of the boot share: the board, its watchdog, and the people in front of it: what
// they have said, what they are told, what they want.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "board/board.h"
#include "board/ending.h"
#include "board/watchdog.h"
#include "init/card.h"
#include "init/help_disk.h"
#include "init/progress.h"
#include "init/rescue_console.h"
#include "init/timeline.h"
#include "plan/command_line.h"
#include "plan/plan.h"
#include "plan/request.h"
#include "plan/settings.h"
#include "topics/topic.h"
#include "uplink/remote_log.h"
#include "uplink/uplink.h"

namespace bootwire::init {

struct Machine {
    board::Board board;
    board::Watchdog watchdog;
    plan::Given given;  ///< what people said, with the secrets
    Timeline timeline{};
    uplink::RemoteLog remote_log{};
    Progress progress{board};
    HelpDisk help_disk{board};
    Card card{};
    RescueConsole rescue{};

    // What is known so far, for whoever asks.
    std::optional<uplink::Network> network{};
    std::optional<plan::Plan> plan{};

    bool rescue_wanted = true;  ///< bootwire.console=
    bool help_wanted = true;    ///< bootwire.help=
    bool retry_wanted = false;  ///< somebody has said something new: begin again with it
    /// What ends the machine when somebody asks for it; mode usb has a session to log out first.
    std::function<void(board::Verb)> end = board::end_machine;
    bool attending = false;  ///< an answer may wait for something, and so come to attend() again

    void enter(std::string_view stage) {
        timeline.enter(stage);
        progress.enter(stage);
    }

    /// For everything that waits: tells the watchdog that the boot is alive, sends what the log
    /// server has not got yet, and looks after the people.
    std::function<void()> on_progress() {
        return [this] {
            watchdog.expect_progress_within(std::chrono::seconds(60));
            remote_log.flush();
            attend();
        };
    }

    /// Listens from now on, unless that is not wanted.
    void start_attending() { rescue_wanted ? rescue.open() : rescue.close(); }
    /// Takes what was typed or written to the help disk. Call it at least every second.
    void attend();
    /// Something fails, or is waited for: what the splash says is on the help disk, too, and the
    /// splash says where a person can step in.
    void offer_help();
    /// The ports and consoles belong to the next system.
    void stop_attending();

  private:
    void read_help_disk();
};

/// Reads the kernel command line and, once and for all, the secrets that the kernel kept apart
/// (kernel/patches/0003), or that came packed beside us through kexec.
plan::CommandLine read_kernel_command_line();

/// The line that tells where docs/troubleshooting.md explains a failure.
std::string where_to_read_on(Topic topic);

/// Writes a report's lines and warnings to the log.
void log_report(const plan::Report& report);

}  // namespace bootwire::init
