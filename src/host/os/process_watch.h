// Standing by while another process goes its way.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"

namespace bootwire {

/// Watches by ptrace(2). The process stands still, until it is told to go on, when it has become
/// another program, before that has run one instruction; and before each signal, which reaches it
/// then: also SIGCHLD, so before it goes on behind a child that it has waited for. At the end of
/// the scope, or if the watcher dies, it goes on by itself.
class ProcessWatch {
  public:
    enum class Stop : uint8_t { exec, signal };

    static Result<ProcessWatch> begin(pid_t process);
    ProcessWatch(ProcessWatch&& other) noexcept;
    ProcessWatch& operator=(ProcessWatch&&) = delete;
    ~ProcessWatch();

    /// Waits until it stands still. Nothing: it has ended, or nobody knows any more.
    std::optional<Stop> wait();
    void go_on();

    /// The path by which it has become its program. Only at Stop::exec, as the following.
    std::string program_path() const;
    /// Before it runs an instruction of its program, it becomes another one, as if
    /// `starter PATH ARGUMENT…` had been called with that one's path and arguments, and stands
    /// still again. On failure it stays what it is.
    Status be_started_by(const std::string& starter);

  private:
    /// On to its next way into or out of a system call, or to the next program.
    std::optional<int> step();

    explicit ProcessWatch(pid_t process) : process_(process) {}

    pid_t process_;
    bool stopped_ = false;
    int signal_ = 0;  // that it gets when it goes on
};

}  // namespace bootwire
