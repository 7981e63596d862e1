// What the rescue console answers: texts of several lines.
#pragma once

#include <functional>
#include <string>

#include "board/board.h"
#include "init/findings.h"
#include "screen/view.h"

namespace bootwire::init {

std::string status_text(const screen::View& view);
/// The last lines of the log, or all.
std::string log_text(bool all);
std::string net_text(const Findings& findings);
std::string dhcp_text(const Findings& findings);
/// Three requests; takes three seconds at most, and what a name server needs. alive: called at
/// least every second meanwhile.
std::string ping_text(const std::string& host, const Findings& findings,
                      const std::function<void()>& alive);
/// Asks the plan's portals for their targets, as the boot would log in. alive: as above.
std::string login_text(const Findings& findings, const board::Board& board,
                       const std::function<void()>& alive);
std::string disks_text();

}  // namespace bootwire::init
