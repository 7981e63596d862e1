#include "overlay/sizes.h"

#include <algorithm>

namespace bootwire::overlay {

namespace {

using namespace std::chrono_literals;

/// The kernel's table of what is stored takes up to 24 bytes for 4 KiB of the device, whatever is
/// in it: so that it stays small beside the limit, the device is no larger than this many times.
constexpr uint64_t most_compression = 5;

/// What may come while nobody looks, a second at most: no Pi compresses faster.
constexpr uint64_t fastest_per_millisecond = 250'000;
constexpr Milliseconds shortest = 100ms, longest = 5s;

/// The part of a limit that is kept for what was under way when it was reached.
constexpr uint64_t reserve_of(uint64_t limit) {
    return limit / 4;
}

constexpr unsigned full = 100;
constexpr unsigned warnings[] = {80, 90, 95};
constexpr unsigned again_every = 5;  // above full: somebody may have made it writable again

/// The step at or below a share; 0: none.
unsigned step_at(unsigned percent) {
    if (percent >= full) return percent / again_every * again_every;
    unsigned step = 0;
    for (const unsigned warning : warnings)
        step = percent >= warning ? warning : step;
    return step;
}

uint64_t left(uint64_t limit, uint64_t used) {
    return limit - std::min(limit, used);
}

uint64_t percent(uint64_t used, uint64_t limit) {
    return used / std::max<uint64_t>(1, limit / 100);
}

}  // namespace

Sizes sizes_for(uint64_t memory, uint64_t disk, uint64_t wish) {
    constexpr uint64_t block = 4096;
    Sizes sizes;
    sizes.limit = wish != 0 ? wish : memory / 2;
    sizes.memory = sizes.limit + reserve_of(sizes.limit);
    const uint64_t whole = (disk + block - 1) / block * block;
    const uint64_t most = sizes.memory / block * block * most_compression;
    sizes.device = std::min(whole, most);
    if (most < whole) sizes.changes = sizes.limit * most_compression;
    return sizes;
}

unsigned percent_full(const block::MemoryUse& use, const Sizes& sizes) {
    uint64_t most = percent(use.taken, sizes.limit);
    if (sizes.changes) most = std::max(most, percent(use.stored, *sizes.changes));
    return static_cast<unsigned>(std::min<uint64_t>(most, 999));
}

Milliseconds look_again_after(const block::MemoryUse& use, const Sizes& sizes) {
    uint64_t room = left(sizes.limit, use.taken);
    if (sizes.changes) room = std::min(room, left(*sizes.changes, use.stored));
    if (room == 0) return 1s;
    const Milliseconds time(room / fastest_per_millisecond);
    return std::clamp(time, shortest, longest);
}

Fullness::Step Fullness::look(unsigned percent) {
    const unsigned before = taken_;
    taken_ = step_at(percent);
    if (taken_ <= before) return Step::none;
    return taken_ >= full ? Step::stop : Step::warn;
}

}  // namespace bootwire::overlay
