// What the running kernel was started with.
#pragma once

#include "plan/command_line.h"

namespace bootwire::init {

/// Reads the kernel command line and, once and for all, the secrets that the kernel kept apart
/// (kernel/patches/0003), or that came packed beside us through kexec.
plan::CommandLine read_kernel_command_line();

}  // namespace bootwire::init
