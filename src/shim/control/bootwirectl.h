// bootwirectl: asks the keeper, in the booted OS.
#pragma once

namespace bootwire::control {

/// Exit statuses of bootwirectl; scripts rely on them, and --help lists them.
enum class ExitStatus {
    ok = 0,
    session_lost = 1,
    usage = 2,
    no_keeper = 3,
    not_permitted = 4,
};

/// Carries out the command on the command line and returns the exit status; without one, shows what
/// there is.
int run_bootwirectl(int argc, char** argv);

}  // namespace bootwire::control
