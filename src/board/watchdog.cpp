#include "board/watchdog.h"

#include <fcntl.h>
#include <linux/watchdog.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace bootwire::board {

namespace {

constexpr int kTimeoutSeconds = 15;
constexpr Milliseconds kFeedEvery{1000};
constexpr Milliseconds kFirstPromise{60'000};

}  // namespace

Watchdog Watchdog::start() {
    Fd device(open("/dev/watchdog0", O_WRONLY | O_CLOEXEC));
    if (!device.valid()) return Watchdog(nullptr);
    auto state = std::make_unique<State>();
    int timeout = kTimeoutSeconds;
    if (ioctl(device.get(), WDIOC_SETTIMEOUT, &timeout) != 0) {
        if (ioctl(device.get(), WDIOC_GETTIMEOUT, &timeout) != 0) timeout = 0;
    }
    state->device = std::move(device);
    state->timeout_seconds = timeout;
    state->deadline = now() + kFirstPromise;
    // Signals are the main thread's: one that meets its default action here would end the process.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    state->feeder = std::thread([shared = state.get()] { feed_until_stopped(*shared); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return Watchdog(std::move(state));
}

void Watchdog::feed_until_stopped(State& state) {
    std::unique_lock lock(state.mutex);
    while (!state.stop) {
        if (now() < state.deadline) ioctl(state.device.get(), WDIOC_KEEPALIVE, 0);
        state.stopped.wait_for(lock, kFeedEvery);
    }
}

Watchdog::~Watchdog() {
    disarm();
}

int Watchdog::timeout_seconds() const {
    return state_ ? state_->timeout_seconds : 0;
}

void Watchdog::expect_progress_within(Milliseconds duration) {
    if (!state_) return;
    const std::lock_guard lock(state_->mutex);
    state_->deadline = now() + duration;
}

bool Watchdog::disarm() {
    if (!state_) return true;
    {
        const std::lock_guard lock(state_->mutex);
        state_->stop = true;
    }
    state_->stopped.notify_one();
    state_->feeder.join();
    const bool disarmed = write(state_->device.get(), "V", 1) == 1;
    state_.reset();
    return disarmed;
}

void Watchdog::start_again() {
    if (!state_) state_ = std::move(start().state_);
}

}  // namespace bootwire::board
