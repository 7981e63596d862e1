#include "os/process_watch.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <cerrno>
#include <utility>

namespace bootwire {

namespace {

constexpr pid_t none = -1;

void request(__ptrace_request what, pid_t process, int signal_number) {
    ptrace(what, process, nullptr, static_cast<long>(signal_number));
}

}  // namespace

Result<ProcessWatch> ProcessWatch::begin(pid_t process) {
    constexpr long options = PTRACE_O_TRACEEXEC;
    if (ptrace(PTRACE_SEIZE, process, nullptr, options) != 0) {
        return fail_errno("cannot watch process " + std::to_string(process));
    }
    return ProcessWatch(process);
}

ProcessWatch::ProcessWatch(ProcessWatch&& other) noexcept
    : process_(std::exchange(other.process_, none)),
      stopped_(other.stopped_),
      signal_(other.signal_) {}

/// ptrace(2): only a process that stands still can be let go. The kernel does it for the others
/// when the watcher ends.
ProcessWatch::~ProcessWatch() {
    if (process_ != none && stopped_) request(PTRACE_DETACH, process_, signal_);
}

std::optional<ProcessWatch::Stop> ProcessWatch::wait() {
    for (;;) {
        int status = 0;
        const pid_t which = waitpid(process_, &status, __WALL);
        if (which < 0 && errno == EINTR) continue;
        if (which != process_ || !WIFSTOPPED(status)) {
            process_ = none;
            return std::nullopt;
        }
        const int event = status >> 16;
        if (event == PTRACE_EVENT_STOP) {  // it is stopped, or goes on, as somebody else wants it
            const bool stays = WSTOPSIG(status) != SIGTRAP;
            request(stays ? PTRACE_LISTEN : PTRACE_CONT, process_, 0);
            continue;
        }
        stopped_ = true;
        signal_ = event == 0 ? WSTOPSIG(status) : 0;
        return event == PTRACE_EVENT_EXEC ? Stop::exec : Stop::signal;
    }
}

void ProcessWatch::go_on() {
    stopped_ = false;
    request(PTRACE_CONT, process_, std::exchange(signal_, 0));
}

}  // namespace bootwire
