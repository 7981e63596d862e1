#include "keeper/ways.h"

#include <algorithm>

namespace bootwire::keeper {

namespace {

using namespace std::chrono_literals;

// While nothing answers, attempts at a portal are at most this far apart: a target that listens
// again is found within a second.
constexpr Milliseconds ask_every = 1s;
constexpr Milliseconds longest_back_off = 30s;
constexpr Milliseconds learnt_rest = 10s;  // after no answer there; meanwhile others have a turn
constexpr size_t most_ways = 16;
// A target that has too much to do gets more time with each attempt: asking it again from the start
// would only add to its work.
constexpr Milliseconds longest_patience = 30s;
constexpr Milliseconds spread_when_back = 400ms;  // I/O goes on within 2 s nevertheless

}  // namespace

Ways::Ways(std::vector<plan::Portal> portals, Random random) : random_(std::move(random)) {
    for (plan::Portal& portal : portals)
        ways_.push_back({.portal = std::move(portal), .named = true});
}

bool Ways::learn(const plan::Portal& portal) {
    const bool known = std::ranges::find(ways_, portal, &Way::portal) != ways_.end();
    if (known || ways_.size() >= most_ways) return false;
    ways_.push_back({.portal = portal, .learnt = true});
    return true;
}

size_t Ways::turns() const {
    const auto learnt = static_cast<size_t>(std::ranges::count(ways_, true, &Way::learnt));
    return ways_.size() - learnt + (learnt > 0 ? 1 : 0);
}

/// Between so many percent of it, so that a thousand machines do not come at the same moment.
Milliseconds Ways::jittered(Milliseconds time, uint32_t least, uint32_t most) {
    return time * (least + random_() % (most - least + 1)) / 100;
}

void Ways::begin_attempt(Moment now) {
    ways_[turn_].not_before = now + jittered(ask_every);
}

bool Ways::fail(const std::string& why) {
    const bool news = ways_[turn_].told != why;
    ways_[turn_].told = why;
    pass();
    return news;
}

void Ways::pass() {
    // A learnt way is one attempt, then the operator's have their turn again.
    turn_ = current_is_learnt() ? 0 : (turn_ + 1) % ways_.size();
}

bool Ways::no_answer(const std::string& why, Moment now) {
    if (current_is_learnt()) ways_[turn_].not_before = now + jittered(learnt_rest);
    return fail(why);
}

Milliseconds Ways::patience() {
    return jittered(ways_[turn_].patience, 75, 125);
}

bool Ways::unreachable(const std::string& why, Moment now) {
    ways_[turn_].patience = shortest_patience;
    return no_answer(why, now);
}

void Ways::give_more_time() {
    ways_[turn_].patience = std::min(2 * ways_[turn_].patience, longest_patience);
}

bool Ways::silent(const std::string& why, Moment now) {
    give_more_time();
    begin_attempt(now);
    return no_answer(why, now);
}

bool Ways::refused(const std::string& why, Moment now) {
    Way& way = ways_[turn_];
    const Milliseconds back_off = ask_every * (1 << std::min(way.refusals, 5u));
    ++way.refusals;
    way.not_before = now + jittered(std::min(back_off, longest_back_off));
    return fail(why);
}

void Ways::welcomed() {
    for (Way& way : ways_) {
        way.refusals = 0;
        way.patience = shortest_patience;
        way.told.clear();
    }
}

void Ways::moved_to(const plan::Portal& portal) {
    const auto known = std::ranges::find(ways_, portal, &Way::portal);
    if (known != ways_.end()) {
        turn_ = static_cast<size_t>(known - ways_.begin());
        return;
    }
    const bool learnt = current_is_learnt();
    if (ways_.size() >= most_ways && !make_room()) return;
    ways_.insert(ways_.begin() + static_cast<ptrdiff_t>(turn_),
                 {.portal = portal, .learnt = learnt});
}

/// Of the ways that are no operator's, the last one goes. False if there is none.
bool Ways::make_room() {
    const auto last =
        std::find_if(ways_.rbegin(), ways_.rend(), [](const Way& way) { return !way.named; });
    if (last == ways_.rend()) return false;
    const auto gone = std::prev(last.base());
    if (static_cast<size_t>(gone - ways_.begin()) < turn_) --turn_;
    ways_.erase(gone);
    return true;
}

Moment Ways::next(Moment now) {
    size_t first = turn_;
    for (size_t i = 0; i < ways_.size(); ++i) {
        const size_t candidate = (turn_ + i) % ways_.size();
        if (ways_[candidate].not_before <= now) {
            first = candidate;
            break;
        }
        if (ways_[candidate].not_before < ways_[first].not_before) first = candidate;
    }
    turn_ = first;
    return ways_[turn_].not_before;
}

bool Ways::skip_refusals() {
    for (size_t i = 0; i < ways_.size(); ++i) {
        const size_t candidate = (turn_ + i) % ways_.size();
        if (ways_[candidate].refusals > 0) continue;
        turn_ = candidate;
        return true;
    }
    return false;
}

void Ways::hasten(Moment now) {
    const Moment soon = now + jittered(spread_when_back, 0, 100);
    for (Way& way : ways_) {
        const bool is_soon = way.not_before > now && way.not_before <= soon;
        if (way.refusals == 0 && !is_soon) way.not_before = soon;
    }
}

}  // namespace bootwire::keeper
