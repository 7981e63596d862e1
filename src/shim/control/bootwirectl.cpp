#include "control/bootwirectl.h"

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "control/address.h"
#include "control/answer.h"
#include "control/client.h"
#include "control/hardware.h"
#include "os/file.h"

namespace bootwire::control {

namespace {

using namespace std::chrono_literals;

constexpr char boot_log_path[] = "/run/bootwire/boot.log";
constexpr char help_text[] =
    "usage: bootwirectl status [--json | --prometheus]\n"
    "       bootwirectl reconnect\n"
    "       bootwirectl log\n"
    "       bootwirectl modules [install]\n"
    "       bootwirectl hardware-report\n"
    "       bootwirectl reboot | poweroff\n"
    "       bootwirectl --help | --version\n"
    "\n"
    "  status     the session that the root disk hangs on: where it is, its outages,\n"
    "             the address and its lease, bytes read and written. --json and\n"
    "             --prometheus: the same for programs\n"
    "  reconnect  gives the connection up and makes a new one; disk accesses wait\n"
    "             meanwhile. Root only\n"
    "  log        what the boot and, since then, the keeper had to say\n"
    "  modules    the kernel's modules: how many, where they are from, or how to get them.\n"
    "             install: puts those that are in memory onto the disk. Root only\n"
    "  hardware-report  what this board's drivers are and how they are, as a text without serial\n"
    "             numbers, addresses and names, for the table in docs/hardware.md\n"
    "  reboot, poweroff  when the disk is away and will not come back, and the system's own\n"
    "             commands, which are on it, wait for it: gives it iscsi.shutdown= seconds\n"
    "             more, then gives up what is not written yet and ends. Root only\n"
    "\n"
    "exit status:\n"
    "  0  all is well\n"
    "  1  the session is lost (status), or not back after 30 s (reconnect)\n"
    "  2  not a command that is known, or not one for now: the disk is there (reboot,\n"
    "     poweroff), no modules in memory, no room for them (modules install)\n"
    "  3  nobody answers: not booted by bootwire, or its keeper has gone\n"
    "  4  only root may do that\n";

/// What the command line asks for.
struct Command {
    std::string_view words;    ///< on the command line
    std::string_view request;  ///< to the keeper
    Milliseconds timeout;
    bool boot_log_first = false;
};
constexpr Command known_commands[] = {
    {"status", "status", 10s},
    {"status --json", "status json", 10s},
    {"status --prometheus", "status prometheus", 10s},
    {"reconnect", "reconnect", longest_reconnect + 10s},
    {"log", "log", 10s, true},
    {"reboot", "end-anyway reboot", 10s},
    {"poweroff", "end-anyway poweroff", 10s},
};

int end(ExitStatus status) {
    return static_cast<int>(status);
}

ExitStatus status_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::ok:
            return ExitStatus::ok;
        case Verdict::lost:
            return ExitStatus::session_lost;
        case Verdict::denied:
            return ExitStatus::not_permitted;
        case Verdict::unknown:
            return ExitStatus::usage;
    }
    return ExitStatus::usage;
}

ExitStatus carry_out(const Command& command) {
    if (command.boot_log_first) {
        std::fputs(read_file(boot_log_path).value_or("").c_str(), stdout);
        std::fflush(stdout);
    }
    const auto wire = ask(socket_path, command.request, command.timeout);
    if (!wire) {
        std::fprintf(stderr, "bootwirectl: %s\n", wire.error().to_string().c_str());
        return ExitStatus::no_keeper;
    }
    if (wire->empty()) {
        std::fputs("bootwirectl: the keeper hangs up: too many ask it at once; try again\n",
                   stderr);
        return ExitStatus::no_keeper;
    }
    const auto answer = Answer::from_wire(*wire);
    if (!answer) {
        std::fputs("bootwirectl: the keeper's answer makes no sense\n", stderr);
        return ExitStatus::no_keeper;
    }
    const bool refused = answer->verdict == Verdict::denied || answer->verdict == Verdict::unknown;
    std::fputs(answer->text.c_str(), refused ? stderr : stdout);
    return status_of(answer->verdict);
}

/// Also where no keeper answers: the report is about the board.
ExitStatus report_hardware() {
    const auto wire = ask(socket_path, "status", 10s);
    std::optional<Verdict> session;
    if (wire) {
        if (const auto answer = Answer::from_wire(*wire)) session = answer->verdict;
    }
    std::fputs(hardware_report(session).c_str(), stdout);
    return ExitStatus::ok;
}

}  // namespace

int run_bootwirectl(int argc, char** argv) {
    std::string words;
    for (int i = 1; i < argc; ++i)
        words += (i > 1 ? " " : "") + std::string(argv[i]);
    if (words.empty() || words == "-h" || words == "--help" || words == "help") {
        std::fputs(help_text, stdout);
        return end(ExitStatus::ok);
    }
    if (words == "--version") {
        std::puts("bootwirectl " BOOTWIRE_VERSION);
        return end(ExitStatus::ok);
    }
    if (words == "hardware-report") return end(report_hardware());
    for (const Command& command : known_commands) {
        if (words == command.words) return end(carry_out(command));
    }
    std::fputs("bootwirectl: not a command that is known; --help lists them\n", stderr);
    return end(ExitStatus::usage);
}

}  // namespace bootwire::control
