// What is told of the boot, and where: on the splash, to the log server, in the timeline.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "board/board.h"
#include "init/progress.h"
#include "init/timeline.h"
#include "plan/settings.h"
#include "topics/topic.h"
#include "uplink/remote_log.h"

namespace bootwire::init {

struct Telling {
    explicit Telling(const board::Board& board) : progress(board) {}

    Timeline timeline{};
    uplink::RemoteLog remote_log{};
    Progress progress;

    void enter(std::string_view stage) {
        timeline.enter(stage);
        progress.enter(stage);
    }
};

/// The line that tells where docs/troubleshooting.md explains a failure.
std::string where_to_read_on(Topic topic);

/// Writes to the log what has failed, what to check, and where to read on.
void log_failure(const Error& error);

/// Writes a report's lines and warnings to the log.
void log_report(const plan::Report& report);

}  // namespace bootwire::init
