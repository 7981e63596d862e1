// What the rescue console answers: texts of several lines.
#pragma once

#include <string>

namespace bootwire::init {

struct Machine;

std::string status_text(const Machine& machine);
/// The last lines of the log, or all.
std::string log_text(bool all);
std::string net_text(const Machine& machine);
std::string dhcp_text(const Machine& machine);
/// Three requests; takes three seconds at most, and what a name server needs.
std::string ping_text(const std::string& host, Machine& machine);
/// Asks the plan's portals for their targets, as the boot would log in.
std::string login_text(Machine& machine);
std::string disks_text();

}  // namespace bootwire::init
