// The hardware watchdog: a Pi whose boot hangs starts again by itself.
#pragma once

#include <pthread.h>

#include <atomic>
#include <memory>

#include "base/error.h"
#include "base/time.h"
#include "os/fd.h"

namespace bootwire::board {

/// Feeds /dev/watchdog0 from a thread of its own for as long as the main thread keeps the promises
/// it makes with expect_progress_within(): a main thread that hangs gets the board restarted, one
/// that waits in a long system call on purpose does not.
class Watchdog {
  public:
    /// Starts the watchdog with a timeout of at most 15 s (what the Pi's hardware can do). A board
    /// without one gives an object that does nothing.
    static Watchdog start();
    /// Feeds one that runs already, with the timeout that it has. device: "/dev/watchdog0". It is
    /// left running in the end, by leave(): whoever started it wants to be guarded further on.
    static Watchdog take_over(const char* device);

    Watchdog(Watchdog&&) = default;
    Watchdog& operator=(Watchdog&&) = delete;
    ~Watchdog();

    bool present() const { return state_ != nullptr; }
    /// Seconds until the board restarts without being fed; 0 without a watchdog.
    int timeout_seconds() const;
    /// The main thread will call this again, or disarm(), before that long from now.
    void expect_progress_within(Milliseconds duration);
    /// Stops the watchdog by the magic close (Documentation/watchdog/watchdog-api.rst). False: the
    /// driver refused, and the board will restart unless the next system feeds it.
    bool disarm();
    /// Feeds it no more and does not stop it.
    void leave();
    /// After disarm(), for which there may be a reason that passes.
    void start_again();

  private:
    struct State {
        Fd device;
        Fd stop;  // an eventfd
        int timeout_seconds = 0;
        std::atomic<Moment> deadline{};
        pthread_t feeder{};
    };

    explicit Watchdog(std::unique_ptr<State> state) : state_(std::move(state)) {}
    static Watchdog feed(Fd device, int timeout_seconds);
    static void* feed_until_stopped(void* state);
    void stop_feeding();

    std::unique_ptr<State> state_;
};

}  // namespace bootwire::board
