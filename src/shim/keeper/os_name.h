// What the booted system calls itself.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "os/event_loop.h"
#include "os/fd.h"

namespace bootwire::keeper {

/// Tells the name that the system gives itself: once for each that it stays with for a while, as
/// systems have a provisional one first. One that it was given before counts as told.
class OsName {
  public:
    using Tell = std::function<void(const std::string& name)>;
    static constexpr Milliseconds usual_settling{5000};

    /// file: /proc/sys/kernel/hostname, open to be read; without it nothing is told.
    OsName(EventLoop& loop, Fd file, Tell tell, Milliseconds settling = usual_settling);
    OsName(const OsName&) = delete;
    OsName& operator=(const OsName&) = delete;
    ~OsName();

  private:
    std::string read() const;
    void look();

    EventLoop& loop_;
    Fd file_;
    Tell tell_;
    std::string told_;
    std::optional<EventLoop::TimerId> timer_;
};

/// Whether a name is one that others can know the machine by; "(none)" and "localhost" are not.
bool tells_machines_apart(std::string_view name);

}  // namespace bootwire::keeper
