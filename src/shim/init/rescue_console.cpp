#include "init/rescue_console.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/text.h"
#include "os/clock.h"
#include "os/file.h"

namespace bootwire::init {

namespace {

constexpr std::string_view prompt = "bootwire> ";

void show(const Fd& terminal, std::string_view text) {
    std::string lines;
    for (const char c : text) {
        if (c == '\n') lines += '\r';
        lines += c;
    }
    // A console that takes no more must not hold up the boot.
    (void)!write(terminal.get(), lines.data(), lines.size());
}

void set_echo(const Fd& terminal, bool on) {
    termios mode{};
    if (tcgetattr(terminal.get(), &mode) != 0) return;
    mode.c_lflag = on ? mode.c_lflag | ECHO : mode.c_lflag & ~static_cast<tcflag_t>(ECHO);
    tcsetattr(terminal.get(), TCSANOW, &mode);
}

}  // namespace

void RescueConsole::open() {
    if (is_open()) return;
    const auto active = read_file("/sys/class/tty/console/active", 4096);
    if (!active) return;
    for (const std::string_view name : split_words(*active)) {
        const std::string path = "/dev/" + std::string(name);
        Fd typed(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        Fd shown(::open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
        if (!typed.valid() || !shown.valid()) continue;
        tcflush(typed.get(), TCIFLUSH);  // what a firmware or a line's noise has left
        terminals_.push_back({std::string(name), std::move(typed), std::move(shown)});
    }
}

void RescueConsole::look(RescueHost& host) {
    for (Terminal& terminal : terminals_) {
        char bytes[512];
        ssize_t count = 0;
        while ((count = read(terminal.typed.get(), bytes, sizeof bytes)) > 0)
            terminal.lines.add({bytes, static_cast<size_t>(count)});
        while (auto line = terminal.lines.next()) {
            take(terminal, *line, host);
            wipe(*line);
        }
    }
}

void RescueConsole::take(Terminal& terminal, const std::string& line, RescueHost& host) {
    if (terminal.name.starts_with("tty") &&
        terminal.name.find_first_not_of("0123456789", 3) == terminal.name.npos) {
        host.lend_screen();
    }
    if (!terminal.secret_for.empty()) {
        set_echo(terminal.shown, true);
        if (!line.empty()) host.set(terminal.secret_for, line);
        show(terminal.shown,
             line.empty() ? "\nleft as it was\n" : "\nset; `retry` tries again with it\n");
        terminal.secret_for.clear();
    } else if (const auto order = rescue::parse_order(line); !order) {
        show(terminal.shown, order.error().to_string() + "\n");
    } else if (last_order_ = now(); order->secret) {
        set_echo(terminal.shown, false);
        terminal.secret_for = order->argument;
        return show(terminal.shown, order->argument + " (it is not shown): ");
    } else {
        show(terminal.shown, host.carry_out(*order));
    }
    show(terminal.shown, prompt);
}

void RescueConsole::wait(Milliseconds longest) const {
    std::vector<pollfd> waited;
    waited.reserve(terminals_.size());
    for (const Terminal& terminal : terminals_)
        waited.push_back({terminal.typed.get(), POLLIN, 0});
    poll(waited.data(), waited.size(), static_cast<int>(longest.count()));
}

void RescueConsole::close() {
    for (const Terminal& terminal : terminals_) {
        if (!terminal.secret_for.empty()) set_echo(terminal.shown, true);
    }
    terminals_.clear();
}

}  // namespace bootwire::init
