// The first things PID 1 does, before anything can be said or asked.
#pragma once

#include "base/error.h"

namespace bootwire::init {

/// Mounts /proc, /sys, /dev (with pts and shm left to the OS) and /run, as the booted OS expects to
/// find them. What is mounted already is left.
Status mount_kernel_file_systems();

/// A Pi has no clock that outlasts power: sets the time to that of this release where it is
/// earlier, so that certificates, file times and logs are not of 1970.
void set_clock_to_release_time_at_least();

}  // namespace bootwire::init
