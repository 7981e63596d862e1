// The memory that changes to the disk take (iscsi.overlay=ram): it is told when that gets scarce,
// and when it is used up, nothing more is written.
#pragma once

#include <functional>
#include <optional>

#include "block/compressed_memory.h"
#include "os/event_loop.h"
#include "os/fd.h"
#include "overlay/sizes.h"

namespace bootwire::keeper {

class OverlayWatch {
  public:
    using Tell = std::function<void()>;

    /// use: mm_stat of the memory, open; outlives this. stop: makes all file systems of disks
    /// read-only.
    OverlayWatch(EventLoop& loop, const Fd& use, overlay::Sizes sizes, Tell stop);
    OverlayWatch(const OverlayWatch&) = delete;
    OverlayWatch& operator=(const OverlayWatch&) = delete;
    ~OverlayWatch();

  private:
    void look();
    void take(overlay::Fullness::Step step, const block::MemoryUse& use, unsigned percent);

    EventLoop& loop_;
    const Fd& use_;
    const overlay::Sizes sizes_;
    Tell stop_;
    overlay::Fullness fullness_;
    std::optional<EventLoop::TimerId> timer_;
};

}  // namespace bootwire::keeper
