// bootwirectl: asks the keeper, in the booted OS.
#pragma once

namespace bootwire::control {

/// The words behind argv[0] are the request. Prints the answer; returns the exit status.
int run_bootwirectl(int argc, char** argv);

}  // namespace bootwire::control
