#include "screen/console.h"

#include <fcntl.h>
#include <unistd.h>

#include <vector>

#include "base/text.h"
#include "os/fd.h"
#include "os/file.h"
#include "os/recent_lines.h"

namespace bootwire::screen {

namespace {

constexpr size_t longest_transcript = 256 * 1024;
constexpr size_t bytes_about_dhcp = 2 * 1024;

struct Consoles {
    std::vector<Fd> terminals;
    Fd kernel_log;
    std::string transcript;
    RecentLines about_dhcp{bytes_about_dhcp};
};

// The one piece of state that the lines of all parts meet in; see log::Sink.
Consoles consoles;

void write_whole(const Fd& fd, std::string_view text) {
    // A console that takes no more must not hold up the boot; the rest of the line is lost then.
    (void)!write(fd.get(), text.data(), text.size());
}

}  // namespace

void open_consoles() {
    const auto active = read_file("/sys/class/tty/console/active", 4096);
    std::vector<std::string> names;
    if (active) {
        for (const std::string_view name : split_words(*active))
            names.emplace_back(name);
    }
    if (names.empty()) names = {"console"};
    for (const std::string& name : names) {
        Fd terminal(open(("/dev/" + name).c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
        if (terminal.valid()) consoles.terminals.push_back(std::move(terminal));
    }
    consoles.kernel_log.reset(open("/dev/kmsg", O_WRONLY | O_CLOEXEC));
}

void show_line(const log::Line& line) {
    const std::string text(line.whole);
    for (const Fd& terminal : consoles.terminals)
        write_whole(terminal, text + "\r\n");
    // <7>: debug, which the consoles do not show again (they have the line already).
    if (consoles.kernel_log.valid()) write_whole(consoles.kernel_log, "<7>" + text + "\n");
    if (consoles.transcript.size() < longest_transcript) consoles.transcript += text + "\n";
    if (line.subject == log::Subject::dhcp) consoles.about_dhcp.add(text);
}

const std::string& transcript() {
    return consoles.transcript;
}

std::string lines_about_dhcp() {
    return consoles.about_dhcp.text();
}

void close_consoles() {
    consoles.terminals.clear();
}

}  // namespace bootwire::screen
