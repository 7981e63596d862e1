// A system that the disk's own initramfs has found, and whose init would have the last word: who is
// process 1 in its place.
#pragma once

namespace bootwire::init {

/// `PROGRAM INIT ARGUMENT…`, as the usher has process 1 become it (os/process_watch.h), in the
/// system's root: starts INIT and stays until all has ended (handoff/attended_os.h).
int run_attending(int argc, char** argv);

}  // namespace bootwire::init
