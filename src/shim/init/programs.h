// What this binary is besides init, by the name it is started with: the kernel's modprobe, and
// bootwirectl and the shutdown program of the booted OS, and who is process 1 beside it.
#pragma once

#include <optional>

#include "base/error.h"

namespace bootwire::init {

/// Where install_programs() puts what init/attending.h tells of.
inline constexpr char attending_program[] = "/run/bootwire/bootwire-attending";

/// Runs the program that argv[0] names and returns its exit status; nothing if it names none.
std::optional<int> run_program(int argc, char** argv);

/// Copies this binary into /run, once, and links it to where each of them is looked for.
Status install_programs();

}  // namespace bootwire::init
