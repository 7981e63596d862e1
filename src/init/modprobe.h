// The kernel's modprobe in the booted OS: our kernel's modules are not in the OS's /lib/modules.
#pragma once

#include "base/error.h"

namespace bootwire::init {

/// Copies this program and the initramfs's modules to /run/bootwire and names the program to the
/// kernel as the one that loads modules (Documentation/admin-guide/sysctl/kernel.rst, modprobe).
Status install_modprobe();

/// What that program does when the kernel calls it with "-q -- NAME": loads the module if we have
/// it, else lets the OS's own modprobe try. Returns the exit status.
int run_modprobe(int argc, char** argv);

}  // namespace bootwire::init
