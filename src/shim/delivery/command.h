// `bootwirectl modules`: what there is, and how it gets onto the disk.
#pragma once

namespace bootwire::delivery {

/// argv[1] is "modules". Returns the exit status (control/bootwirectl.h).
int run_modules_command(int argc, char** argv);

}  // namespace bootwire::delivery
