// The end of the machine: the program that the booted OS starts last, instead of calling reboot(2)
// itself. systemd moves it, with what is below /run/initramfs, to `/` and starts it as PID 1, the
// system that was being at /oldroot (systemd's initrd interface,
// https://systemd.io/INITRD_INTERFACE/); so do we where we are PID 1 still (handoff/attended_os.h);
// sysvinit's scripts start it where they would call halt(8).
#pragma once

namespace bootwire::shutdown {

inline constexpr char installed_at[] = "/run/initramfs/shutdown";

/// argv[1]: the verb. Unmounts, writes out, has the keeper log out and take the link down, ends the
/// machine. Does not return. With "begins" it tells the keeper that the system begins to end, and
/// that alone.
int run_shutdown(int argc, char** argv);

}  // namespace bootwire::shutdown
