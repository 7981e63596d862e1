// The kernel's watch over tasks that hang, while those that need the disk cannot but wait.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "keeper/session_keeper.h"
#include "os/event_loop.h"
#include "os/fd.h"

namespace bootwire::keeper {

/// How long a task may hang until the kernel complains, or panics if the OS wants that: while the
/// disk is away, as good as for ever. Without I/O: what the kernel has goes in, in seconds (nothing
/// where it watches over no task, 0 where it is not to); what it is to have comes out.
class HungTaskTimeout {
  public:
    using Seconds = std::optional<uint64_t>;

    /// A year. Nobody else has a reason to choose just this: where it is found, it is ours.
    static constexpr uint64_t away = 31'536'000;
    /// CONFIG_DEFAULT_HUNG_TASK_TIMEOUT: for a keeper that finds what another one left behind.
    static constexpr uint64_t kernels_own = 120;

    /// The keeper starts, the session is there.
    void on_start(Seconds found, Moment now);
    Seconds on_lost(Seconds found);
    /// The old time counts again when it has passed once more: a change has the kernel look at
    /// once, and it would see tasks that have been waiting for longer and are about to go on.
    void on_back(Moment now);
    /// What somebody else has written meanwhile stays.
    Seconds on_timer(Seconds found, Moment now);

    std::optional<Moment> next_deadline() const { return restore_at_; }

  private:
    Seconds usual_;  ///< what counts while the disk is there, if that is not what the kernel has
    std::optional<Moment> restore_at_;
};

class HungTasks {
  public:
    /// file: /proc/sys/kernel/hung_task_timeout_secs, open to be read and written; may be none.
    HungTasks(EventLoop& loop, Fd file);
    HungTasks(const HungTasks&) = delete;
    HungTasks& operator=(const HungTasks&) = delete;
    ~HungTasks();

    void on_session(const SessionEvent& event);

  private:
    HungTaskTimeout::Seconds read() const;
    void write(HungTaskTimeout::Seconds seconds);
    void set_timer();

    EventLoop& loop_;
    Fd file_;
    HungTaskTimeout timeout_;
    std::optional<EventLoop::TimerId> timer_;
};

}  // namespace bootwire::keeper
