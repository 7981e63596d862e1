// A loop over file descriptors and deadlines, small enough for PID 1 and the keeper.
#pragma once

#include <poll.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "base/time.h"

namespace bootwire {

/// Calls back when a descriptor is ready or a moment has come. Single-threaded; handlers may add
/// and remove watches and timers, their own included.
class EventLoop {
  public:
    /// What a handler may take from its descriptor at a time, whoever sends how much: then the
    /// others have their turn, and the next round calls it again.
    static constexpr int most_at_once = 64;

    using Handler = std::function<void()>;
    using TimerId = uint64_t;

    /// Calls the handler while the descriptor has any of the events (POLLIN by default) or an
    /// error. A second watch on the same descriptor replaces the first.
    void watch(int fd, Handler handler, short events = POLLIN);
    void unwatch(int fd);

    /// Calls the handler once, at or soon after the moment.
    TimerId at(Moment moment, Handler handler);
    /// Forgets a timer; one that has fired or was never set is not an error.
    void cancel(TimerId timer);
    /// For a state machine's one deadline: forgets the timer and, if there is a moment, sets it
    /// anew. `timer` is empty again when the handler is called; until then, or until it is
    /// cancelled, it must stay where it is.
    void move(std::optional<TimerId>& timer, const std::optional<Moment>& moment, Handler handler);

    /// Waits until something happens, but no longer than `until`, and handles all that is due.
    void run_once(Moment until);

  private:
    struct Watch {
        Handler handler;
        short events;
        uint64_t number;  ///< of this watch: a descriptor's number may be another one's by now
    };
    struct Timer {
        Moment moment;
        Handler handler;
    };

    void fire_due_timers();
    std::optional<Moment> next_timer() const;

    std::map<int, Watch> watches_;
    uint64_t last_watch_ = 0;
    std::map<TimerId, Timer> timers_;
    TimerId last_timer_ = 0;
};

}  // namespace bootwire
