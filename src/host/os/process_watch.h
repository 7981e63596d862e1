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

  private:
    explicit ProcessWatch(pid_t process) : process_(process) {}

    pid_t process_;
    bool stopped_ = false;
    int signal_ = 0;  // that it gets when it goes on
};

}  // namespace bootwire
