#include "os/event_loop.h"

#include <algorithm>
#include <vector>

#include "os/clock.h"

namespace bootwire {

void EventLoop::watch(int fd, Handler handler, short events) {
    watches_[fd] = {std::move(handler), events, ++last_watch_};
}

void EventLoop::unwatch(int fd) {
    watches_.erase(fd);
}

EventLoop::TimerId EventLoop::at(Moment moment, Handler handler) {
    timers_[++last_timer_] = {moment, std::move(handler)};
    return last_timer_;
}

void EventLoop::cancel(TimerId timer) {
    timers_.erase(timer);
}

void EventLoop::move(std::optional<TimerId>& timer, const std::optional<Moment>& moment,
                     Handler handler) {
    if (timer) cancel(*timer);
    timer.reset();
    if (!moment) return;
    timer = at(*moment, [&timer, handler = std::move(handler)] {
        timer.reset();
        handler();
    });
}

void EventLoop::run_once(Moment until) {
    if (const auto timer = next_timer()) until = std::min(until, *timer);
    std::vector<pollfd> polled;
    polled.reserve(watches_.size());
    for (const auto& [fd, watch] : watches_)
        polled.push_back({fd, watch.events, 0});

    const auto wait = std::clamp<Moment::rep>((until - now()).count(), 0, 60'000);
    const uint64_t last_polled = last_watch_;
    const int ready = poll(polled.data(), polled.size(), static_cast<int>(wait));
    if (ready > 0) {
        for (const pollfd& entry : polled) {
            if (entry.revents == 0) continue;
            // An earlier handler may have removed it, or watch what has got the same number since.
            const auto found = watches_.find(entry.fd);
            if (found == watches_.end() || found->second.number > last_polled) continue;
            const Handler handler = found->second.handler;  // outlives its own unwatch()
            handler();
        }
    }
    fire_due_timers();
}

void EventLoop::fire_due_timers() {
    const Moment moment = now();
    std::vector<TimerId> due;
    for (const auto& [id, timer] : timers_) {
        if (timer.moment <= moment) due.push_back(id);
    }
    for (const TimerId id : due) {
        const auto found = timers_.find(id);
        if (found == timers_.end()) continue;
        const Handler handler = std::move(found->second.handler);
        timers_.erase(found);
        handler();
    }
}

std::optional<Moment> EventLoop::next_timer() const {
    std::optional<Moment> next;
    for (const auto& [id, timer] : timers_) {
        if (!next || timer.moment < *next) next = timer.moment;
    }
    return next;
}

}  // namespace bootwire
