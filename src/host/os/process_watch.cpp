#include "os/process_watch.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <cerrno>
#include <utility>

#include "os/stopped_process.h"

namespace bootwire {

namespace {

constexpr pid_t none = -1;
constexpr int at_system_call = SIGTRAP | 0x80;  // PTRACE_O_TRACESYSGOOD

void request(__ptrace_request what, pid_t process, int signal_number) {
    ptrace(what, process, nullptr, static_cast<long>(signal_number));
}

}  // namespace

Result<ProcessWatch> ProcessWatch::begin(pid_t process) {
    constexpr long options = PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD;
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

std::string ProcessWatch::program_path() const {
    const auto process = StoppedProcess::look_at(process_);
    return process ? process->program_path() : std::string();
}

std::optional<int> ProcessWatch::step() {
    int signal_number = 0;
    for (;;) {
        request(PTRACE_SYSCALL, process_, signal_number);
        int status = 0;
        pid_t which = 0;
        do {
            which = waitpid(process_, &status, __WALL);
        } while (which < 0 && errno == EINTR);
        if (which != process_ || !WIFSTOPPED(status)) {
            process_ = none;
            return std::nullopt;
        }
        const int event = status >> 16;
        if (event == PTRACE_EVENT_EXEC || WSTOPSIG(status) == at_system_call) return status >> 8;
        signal_number = event == 0 ? WSTOPSIG(status) : 0;
    }
}

/// It stands still within its execve(2), behind which the kernel will set a register: that has to
/// be over first.
Status ProcessWatch::be_started_by(const std::string& starter) {
    const std::string what =
        "cannot have process " + std::to_string(process_) + " become " + starter;
    if (step() != at_system_call) return fail(what);
    auto process = StoppedProcess::look_at(process_);
    if (!process || !process->call_execve(starter)) return fail(what);
    constexpr int at_exec = SIGTRAP | (PTRACE_EVENT_EXEC << 8);
    const auto into = step();
    if (into == at_system_call && step() == at_exec) return {};
    if (process_ != none) process->restore();
    return fail(what);
}

void ProcessWatch::go_on() {
    stopped_ = false;
    request(PTRACE_CONT, process_, std::exchange(signal_, 0));
}

}  // namespace bootwire
