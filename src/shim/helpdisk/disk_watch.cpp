#include "helpdisk/disk_watch.h"

namespace bootwire::helpdisk {

DiskWatch::Verdict DiskWatch::look(const DiskSample& sample, Moment now) {
    if (sample.written != seen_) {
        seen_ = sample.written;
        changed_at_ = now;
    }
    const bool plugged_in = sample.attached && !was_attached_;
    was_attached_ = sample.attached;
    // Ejected, or pulled: nothing more will come.
    const bool whole = sample.ejected || !sample.attached || now - changed_at_ >= settled;
    if (sample.written != read_ && whole) {
        read_ = sample.written;
        return Verdict::read_back;
    }
    return sample.ejected && plugged_in ? Verdict::put_in : Verdict::leave;
}

}  // namespace bootwire::helpdisk
