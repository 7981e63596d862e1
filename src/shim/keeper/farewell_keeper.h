// Ends the session when the booted OS ends: carries out what session/farewell.h decides.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "board/ending.h"
#include "control/answer.h"
#include "control/server.h"
#include "keeper/kept_disk.h"
#include "keeper/reply.h"
#include "keeper/session_keeper.h"
#include "net/links.h"
#include "os/event_loop.h"
#include "os/fd.h"
#include "session/farewell.h"

namespace bootwire::keeper {

/// What must be opened while /run and /proc are where this process sees them.
struct FarewellFiles {
    Fd verbs;   ///< inotify(7) on the folder where a verb appears
    Fd folder;  ///< that folder
    Fd panic;   ///< /proc/sys/kernel/panic

    static FarewellFiles open();
};

class FarewellKeeper {
  public:
    struct Handlers {
        /// Ends whatever keeps the links up, and says which of them to take down, in this order.
        std::function<std::vector<net::Link>()> let_network_go;
        /// reboot(2); returns if that has failed.
        std::function<void(board::Verb)> end_machine;
    };

    /// disk_counters: outlives this; /sys/block/DISK/stat, open. patience: how long the target may
    /// be away while the OS ends.
    FarewellKeeper(EventLoop& loop, SessionKeeper& session, const KeptDisk& disk,
                   const Fd& disk_counters, std::chrono::seconds patience, FarewellFiles files,
                   Handlers handlers);
    FarewellKeeper(const FarewellKeeper&) = delete;
    FarewellKeeper& operator=(const FarewellKeeper&) = delete;
    ~FarewellKeeper();

    /// Whether the request is one of control/ending.h. Such a one is answered: at once, or where it
    /// asks for the logout, when that is over.
    bool take(const control::Request& request, const Reply& reply);
    void on_session(const SessionEvent& event);
    /// The booted OS has another /run: its folder counts from now on.
    void move_to(Fd verbs, Fd folder);

    const session::Farewell& farewell() const { return farewell_; }

  private:
    void perform(const session::FarewellActions& actions);
    void perform(const session::FarewellAction& action);
    void read_verbs();
    void on_verb(board::Verb verb, bool appeared);
    void connection_changed(bool connected);
    void look_at_disk();
    void ask_whether_it_ends() const;
    control::Answer end_anyway(board::Verb verb);
    void log_out();
    void abandon();
    void take_links_down();
    void set_timer();

    EventLoop& loop_;
    SessionKeeper& session_;
    const std::string device_;  // "sda"
    const std::string disk_;    // for a person: "sda (TARGET at PORTAL)"
    const Fd& disk_counters_;
    FarewellFiles files_;
    Handlers handlers_;
    session::Farewell farewell_;
    std::optional<EventLoop::TimerId> timer_;
    std::vector<Reply> waiting_;  // those who are to hear that the session has ended
    std::string links_told_;
};

}  // namespace bootwire::keeper
