#include "board/watchdog.h"

#include <fcntl.h>
#include <linux/watchdog.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "os/clock.h"

namespace bootwire::board {

namespace {

constexpr int wanted_timeout_seconds = 15;
constexpr int feed_every_ms = 1000;  // milliseconds
constexpr Milliseconds first_promise{60'000};
constexpr size_t stack_bytes = 256 << 10;

bool magic_close(const Fd& device) {
    return write(device.get(), "V", 1) == 1;
}

/// Seconds; 0 if the driver does not tell.
int timeout_of(const Fd& device) {
    int timeout = 0;
    return ioctl(device.get(), WDIOC_GETTIMEOUT, &timeout) == 0 ? timeout : 0;
}

}  // namespace

Watchdog Watchdog::start() {
    Fd device(open("/dev/watchdog0", O_WRONLY | O_CLOEXEC));
    if (!device.valid()) return Watchdog(nullptr);
    int timeout = wanted_timeout_seconds;
    if (ioctl(device.get(), WDIOC_SETTIMEOUT, &timeout) != 0) timeout = timeout_of(device);
    return feed(std::move(device), timeout);
}

Watchdog Watchdog::take_over(const char* path) {
    Fd device(open(path, O_WRONLY | O_CLOEXEC));
    if (!device.valid()) return Watchdog(nullptr);
    const int timeout = timeout_of(device);
    return feed(std::move(device), timeout);
}

Watchdog Watchdog::feed(Fd device, int timeout_seconds) {
    auto state = std::make_unique<State>();
    state->device = std::move(device);
    state->stop.reset(eventfd(0, EFD_CLOEXEC));
    state->timeout_seconds = timeout_seconds;
    state->deadline = now() + first_promise;
    // Its stack is small, for programs that lock their memory.
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_bytes);
    // Signals are the main thread's: one that meets its default action here would end the process.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const bool runs = state->stop.valid() && pthread_create(&state->feeder, &attributes,
                                                            feed_until_stopped, state.get()) == 0;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_attr_destroy(&attributes);
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
    } while (poll(&stop, 1, feed_every_ms) < 1);
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

void Watchdog::stop_feeding() {
    const uint64_t stop = 1;
    (void)!write(state_->stop.get(), &stop, sizeof stop);  // 8 bytes into an eventfd: never less
    pthread_join(state_->feeder, nullptr);
}

void Watchdog::leave() {
    if (!state_) return;
    stop_feeding();
    (void)state_->device.release();  // at its being closed, the kernel would cry out
    state_.reset();
}

bool Watchdog::disarm() {
    if (!state_) return true;
    stop_feeding();
    const bool disarmed = magic_close(state_->device);
    state_.reset();
    return disarmed;
}

void Watchdog::start_again() {
    if (!state_) state_ = std::move(start().state_);
}

}  // namespace bootwire::board
