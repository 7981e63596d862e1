// The splash: a process of its own that finds a screen and keeps it up to date, so that the boot
// waits neither for a display's driver nor for drawing, and goes on if they fail.
#pragma once

#include <sys/types.h>

#include <functional>

#include "os/fd.h"
#include "screen/view.h"

namespace bootwire::screen {

class Splash {
  public:
    Splash() = default;
    Splash(const Splash&) = delete;
    Splash& operator=(const Splash&) = delete;
    ~Splash() { stop(); }

    /// Needs /dev, /proc and /sys. load_drivers is called in the new process, once, if the kernel
    /// shows no screen.
    void start(const std::function<void()>& load_drivers);
    bool running() const { return process_ > 0; }
    /// Never waits: a view that the process has no room for is left out.
    void show(const View& view);
    /// The screen is the kernel's text console again. Waits for a quarter of a second at most.
    void stop();

  private:
    pid_t process_ = 0;
    Fd views_;
};

}  // namespace bootwire::screen
