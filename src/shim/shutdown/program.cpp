#include "shutdown/program.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/text.h"
#include "board/ending.h"
#include "control/address.h"
#include "control/client.h"
#include "control/ending.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "screen/console.h"
#include "shutdown/os_watchdog.h"
#include "shutdown/unmount.h"
#include "shutdown/waiting.h"

namespace bootwire::shutdown {

namespace {

using namespace std::chrono_literals;
using board::Verb;

constexpr char old_root[] = "/oldroot";
constexpr std::string_view beginning = "begins";
constexpr std::string_view init_ended = "init-ended";  // handoff/attended_os.cpp
constexpr Milliseconds say_every = 10s;
constexpr Milliseconds limit_without_keeper =
    60s;  // for unmounting, if there is no keeper to set a limit
// The keeper has a limit of its own, of at most an hour, and minutes more to carry it out.
constexpr Milliseconds keeper_answers_within = 90min;
constexpr Milliseconds next_step_within = 60s;  // of ours, when nothing is waited for

/// As systemd does it with "exit", which is for containers: the machine is switched off.
Verb verb_of(int argc, char** argv) {
    const std::string_view text = argc > 1 ? argv[1] : "";
    if (text == init_ended) {
        log::warning("the system's init has ended without a word: restarting");
        return Verb::reboot;
    }
    const auto verb = board::parse_verb(text);
    if (!verb && text != "exit") {
        log::warning("asked to \"" + printable(text) + "\", which is unknown: switching off");
    }
    return verb.value_or(Verb::poweroff);
}

Result<std::string> ask_keeper(std::string_view request, Verb verb, Milliseconds timeout) {
    auto answer = control::ask(control::socket_path,
                               std::string(request) + std::string(board::to_string(verb)), timeout);
    if (answer && answer->empty()) return fail("bootwire's keeper has ended");
    return answer;
}

/// The name of our disk, "sda"; empty if there is no keeper any more.
std::string tell_keeper(Verb verb) {
    const auto told = ask_keeper(control::ending_request, verb, 10s);
    if (!told) {
        log::warning(told.error().what);
        return {};
    }
    return control::disk_of_noted_answer(*told).value_or("");
}

/// The keeper looks into that folder, and needs a verb. Who is started so knows none; the one that
/// counts comes when the rest is over, and until then a restart is the one that loses least.
int tell_beginning() {
    const std::string file = std::string(control::ending_folder) + "/reboot";
    return replace_file(file, "") ? 0 : 1;
}

/// What may wait for a disk happens in a child, so that somebody is there to say so.
pid_t start_unmounting(std::string_view disk) {
    const pid_t child = fork();
    if (child != 0) return child;
    unmount_all(old_root, disk);
    _exit(0);
}

/// Reaps whatever ends, until the child has, or the limit is over: that is somebody else's as long
/// as there is a keeper, and ours without.
void await(pid_t child, std::string_view disk, board::Watchdog& watchdog) {
    Moment said = now();
    const Moment end = now() + limit_without_keeper;
    Waiting waiting(keeper_answers_within, disk);
    for (;;) {
        watchdog.expect_progress_within(next_step_within);
        const pid_t ended = waitpid(-1, nullptr, WNOHANG);
        if (ended == child || (ended < 0 && errno == ECHILD)) return;
        if (ended > 0) continue;
        const bool goes_on = disk.empty() ? now() < end : waiting.goes_on();
        if (!goes_on) return log::warning("giving up on the file systems");
        if (now() - said > say_every) {
            log::info("still unmounting");
            said = now();
        }
        usleep(20'000);
    }
}

void log_out(Verb verb) {
    const auto answer = ask_keeper(control::log_out_request, verb, keeper_answers_within);
    if (!answer) return log::warning("not logged out: " + answer.error().what);
    for (const std::string_view line : split(*answer, '\n')) {
        if (!line.empty()) log::info(printable(line));
    }
}

}  // namespace

int run_shutdown(int argc, char** argv) {
    if (argc > 1 && argv[1] == beginning) return tell_beginning();
    // From here on nothing may be needed of a disk, neither by us nor for us.
    mlockall(MCL_CURRENT | MCL_FUTURE);
    for (const int signal_number : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGTSTP}) {
        signal(signal_number, SIG_IGN);
    }
    screen::open_consoles();
    log::start("shutdown", screen::show_line);

    const Verb verb = verb_of(argc, argv);
    board::Watchdog watchdog = feed_watchdog_of_os();
    const std::string disk = tell_keeper(verb);
    await(start_unmounting(disk), disk, watchdog);
    watchdog.expect_progress_within(keeper_answers_within + next_step_within);
    log_out(verb);
    log::info(std::string(board::to_string(verb)));
    watchdog.leave();  // for the kernel's part of the way, as systemd would have it
    board::end_machine(verb);
    log::failure("the kernel does not let the machine end");
    for (;;)
        pause();  // the end of PID 1 would be a panic
}

}  // namespace bootwire::shutdown
