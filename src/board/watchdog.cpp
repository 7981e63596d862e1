#include "board/watchdog.h"

#include <fcntl.h>
#include <linux/watchdog.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace bootwire::board {

namespace {

constexpr int kTimeoutSeconds = 15;
constexpr int kFeedEvery = 1000;  // milliseconds
constexpr Milliseconds kFirstPromise{60'000};

bool magic_close(const Fd& device) {
    return write(device.get(), "V", 1) == 1;
}

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
    state->stop.reset(eventfd(0, EFD_CLOEXEC));
    state->timeout_seconds = timeout;
    state->deadline = now() + kFirstPromise;
    // Signals are the main thread's: one that meets its default action here would end the process.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const bool runs = state->stop.valid() &&
                      pthread_create(&state->feeder, nullptr, feed_until_stopped, state.get()) == 0;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (!runs) {
        magic_close(state->device);
        return Watchdog(nullptr);
    }
    return Watchdog(std::move(state));
}

void* Watchdog::feed_until_stopped(void* shared) {
    const State& state = *static_cast<State*>(shared);
    pollfd stop{state.stop.get(), POLLIN, 0};
    do {
        if (now() < state.deadline.load()) ioctl(state.device.get(), WDIOC_KEEPALIVE, 0);
    } while (poll(&stop, 1, kFeedEvery) < 1);
    return nullptr;
}

Watchdog::~Watchdog() {
    disarm();
}

int Watchdog::timeout_seconds() const {
    return state_ ? state_->timeout_seconds : 0;
}

void Watchdog::expect_progress_within(Milliseconds duration) {
    if (!state_) return;
    state_->deadline = now() + duration;
}

bool Watchdog::disarm() {
    if (!state_) return true;
    const uint64_t stop = 1;
    (void)!write(state_->stop.get(), &stop, sizeof stop);  // 8 bytes into an eventfd: never less
    pthread_join(state_->feeder, nullptr);
    const bool disarmed = magic_close(state_->device);
    state_.reset();
    return disarmed;
}

void Watchdog::start_again() {
    if (!state_) state_ = std::move(start().state_);
}

}  // namespace bootwire::board
