// What this binary is besides init, by the name it is started with: the kernel's modprobe and
// bootwirectl of the booted OS.
#pragma once

#include <optional>

#include "base/error.h"

namespace bootwire::init {

/// Runs the program that argv[0] names and returns its exit status; nothing if it names none.
std::optional<int> run_program(int argc, char** argv);

/// Copies this binary to /run/bootwire, once, under each of its other names.
Status install_programs();

}  // namespace bootwire::init
