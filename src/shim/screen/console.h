// Where the boot's lines go: every console of the kernel (serial and screen alike), the kernel's
// log (so that the booted OS's journal has them), and a copy for /run/bootwire/boot.log.
#pragma once

#include <string>

#include "os/log.h"

namespace bootwire::screen {

/// Opens the consoles that the kernel uses (/sys/class/tty/console/active) and the kernel's log.
/// Needs /dev and /sys. What cannot be opened is left out.
void open_consoles();

/// A log::Sink: shows the line and remembers it.
void show_line(const log::Line& line);

/// All lines so far, each with its line end.
const std::string& transcript();
/// The last ones about DHCP, likewise; some twenty.
std::string lines_about_dhcp();

/// No line goes to a console any more: the next system owns them.
void close_consoles();

}  // namespace bootwire::screen
