// The kernel's modprobe in the booted OS: our kernel's modules are not in the OS's /lib/modules.
#pragma once

#include "base/error.h"

namespace bootwire::init {

/// Copies the initramfs's modules to /run/bootwire and names our modprobe there (init/programs.h)
/// to the kernel as the one that loads modules (Documentation/admin-guide/sysctl/kernel.rst).
Status install_modules();

/// For as long as the disk's own initramfs runs, which may mount its own /run: the same program and
/// modules outside of /run.
Status lend_modprobe_to_initramfs();
/// Names the one in /run again, if it is there.
Status name_our_modprobe();

/// What that program does when the kernel calls it with "-q -- NAME": loads the module if we have
/// it, else lets the OS's own modprobe try; where that is none of kmod's, looks itself among those
/// that were fetched or are on the disk. Returns the exit status.
int run_modprobe(int argc, char** argv);

}  // namespace bootwire::init
