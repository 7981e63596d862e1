// What there is once, from one attempt to the next. A stage takes of it what it needs.
#pragma once

#include <functional>
#include <utility>

#include "board/board.h"
#include "board/watchdog.h"
#include "delivery/attendant.h"
#include "init/findings.h"
#include "init/people.h"
#include "init/telling.h"
#include "plan/command_line.h"

namespace bootwire::init {

struct Machine {
    /// command_line: the kernel's own.
    Machine(board::Board which, board::Watchdog guard, plan::CommandLine command_line)
        : board(std::move(which)),
          watchdog(std::move(guard)),
          people(board, watchdog, telling, findings, std::move(command_line)) {}
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    board::Board board;
    board::Watchdog watchdog;
    Telling telling{board};
    Findings findings{};
    People people;
    delivery::Delivery modules{};
    bool bootloader_looked_after = false;  ///< once is enough

    /// For everything that waits: tells the watchdog that the boot is alive, sends what the log
    /// server has not got yet, and looks after the people.
    std::function<void()> on_progress() {
        return [this] {
            watchdog.expect_progress_within(std::chrono::seconds(60));
            telling.remote_log.flush();
            people.attend();
        };
    }
};

}  // namespace bootwire::init
