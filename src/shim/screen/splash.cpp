#include "screen/splash.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <utility>

#include "os/clock.h"
#include "os/descriptors.h"
#include "os/log.h"
#include "screen/display.h"
#include "screen/layout.h"

namespace bootwire::screen {

namespace {

using namespace std::chrono_literals;

constexpr char process_name[] = "bootwire-splash";
constexpr size_t longest_view = 32 * 1024;
constexpr Milliseconds look_again = 1s;
constexpr Milliseconds end_timeout = 250ms;

void to_kernel_log(const log::Line& line) {
    const Fd log(open("/dev/kmsg", O_WRONLY | O_CLOEXEC));
    const std::string text = "<7>" + std::string(line.whole) + "\n";
    if (log.valid()) (void)!write(log.get(), text.data(), text.size());
}

class Painter {
  public:
    Painter(int views, const std::function<void()>& load_drivers)
        : views_(views), load_drivers_(load_drivers) {}

    [[noreturn]] void run() {
        for (;;) {
            look_for_display();
            if (display_ && view_) {
                const Canvas canvas = draw(*view_, display_->width(), display_->height(), now());
                if (!display_->show(canvas)) display_.reset();
            }
            pollfd polled{views_, POLLIN, 0};
            poll(&polled, 1, display_ ? 500 : 1000);
            receive();
        }
    }

  private:
    void look_for_display() {
        if (display_ || now() < look_at_ || open_display()) return;
        if (!drivers_loaded_) {
            drivers_loaded_ = true;
            load_drivers_();
            if (open_display()) return;
        }
        look_at_ = now() + look_again;
    }

    bool open_display() {
        auto found = Display::open();
        if (found) display_.emplace(std::move(*found));
        return display_.has_value();
    }

    /// The latest view; ends with the process that sends them.
    void receive() {
        std::string buffer(longest_view, '\0');
        for (;;) {
            const ssize_t count = recv(views_, buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (count == 0) _exit(0);
            if (count < 0) return;
            if (auto view =
                    decode(std::string_view(buffer).substr(0, static_cast<size_t>(count)))) {
                view_ = std::move(view);
            }
        }
    }

    int views_;
    const std::function<void()>& load_drivers_;
    std::optional<View> view_;
    std::optional<Display> display_;
    Moment look_at_{0};
    bool drivers_loaded_ = false;
};

}  // namespace

void Splash::start(const std::function<void()>& load_drivers) {
    int ends[2];
    if (running() || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return;
    views_.reset(ends[0]);
    const Fd other(ends[1]);
    process_ = fork();
    if (process_ != 0) return;
    // The other process's descriptors, its watchdog above all, are not to be kept open here.
    close_everything_but({other.get()});
    prctl(PR_SET_NAME, process_name);
    log::copy_to({});
    log::start("splash", to_kernel_log);
    (void)!nice(19);  // the boot comes first; before the handoff there is one CPU
    Painter(other.get(), load_drivers).run();
}

void Splash::show(const View& view) {
    if (!running()) return;
    const std::string bytes = encode(view);
    (void)!send(views_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void Splash::stop() {
    if (!running()) return;
    kill(process_, SIGKILL);
    // A driver that is just being loaded does not let itself be disturbed; PID 1 reaps it later.
    const Moment deadline = now() + end_timeout;
    while (waitpid(process_, nullptr, WNOHANG) == 0 && now() < deadline)
        usleep(2000);
    process_ = 0;
    views_.reset();
}

}  // namespace bootwire::screen
