#include "keeper/ping_patience.h"

#include <algorithm>
#include <utility>

namespace bootwire::keeper {

namespace {

using namespace std::chrono_literals;

// Whoever lets us in within this time was there when the ping was not answered. What was away
// longer was away.
constexpr Milliseconds at_once = 5s;
// What lasts as long has no such command any more.
constexpr Milliseconds forgotten_after = 1h;

}  // namespace

void PingPatience::lost(bool to_a_ping, Milliseconds lasted) {
    to_a_ping_ = to_a_ping;
    if (lasted >= forgotten_after) timeout_ = session::usual_ping_timeout;
}

bool PingPatience::back(Milliseconds outage, bool same_place) {
    const bool was_there = std::exchange(to_a_ping_, false) && same_place && outage <= at_once;
    if (!was_there || timeout_ == longest) return false;
    timeout_ = std::min(2 * timeout_, longest);
    return true;
}

}  // namespace bootwire::keeper
