#include "keeper/overlay_watch.h"

#include <utility>

#include "control/quantities.h"
#include "os/clock.h"
#include "os/log.h"

namespace bootwire::keeper {

OverlayWatch::OverlayWatch(EventLoop& loop, const Fd& use, overlay::Sizes sizes, Tell stop)
    : loop_(loop), use_(use), sizes_(std::move(sizes)), stop_(std::move(stop)) {
    look();
}

OverlayWatch::~OverlayWatch() {
    if (timer_) loop_.cancel(*timer_);
}

void OverlayWatch::look() {
    const auto use = block::read_memory_use(use_);
    if (!use) return log::warning("the memory for changes to the disk is not watched over");
    const unsigned percent = overlay::percent_full(*use, sizes_);
    take(fullness_.look(percent), *use, percent);
    loop_.move(timer_, now() + overlay::look_again_after(*use, sizes_), [this] { look(); });
}

void OverlayWatch::take(overlay::Fullness::Step step, const block::MemoryUse& use,
                        unsigned percent) {
    using Step = overlay::Fullness::Step;
    if (step == Step::none) return;
    const std::string text =
        "the memory for changes to the disk is full to " + std::to_string(percent) + " % (" +
        control::amount_in_words(use.taken) + " of " + control::amount_in_words(sizes_.limit) + ")";
    if (step == Step::warn) {
        return log::warning(text + ": at 100 % all file systems become read-only; a restart " +
                            "empties it, iscsi.overlay=ram,SIZE gives more");
    }
    log::failure(text + ": all file systems become read-only now; restart the Pi");
    stop_();
}

}  // namespace bootwire::keeper
