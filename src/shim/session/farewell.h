// How the session ends when the booted OS does: a state machine without sockets or clock, as
// keeper/recovery.h is one. What happened goes in, with the moment; actions come out, to be
// carried out in their order.
//
// While the disk does its work, the OS may take as long as it likes. While it does not, everything
// that needs it waits, the end of the system included: that is given a limit, and what is given up
// then is said. A connection alone is no work: a target may accept one after the other and do
// nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "board/ending.h"

namespace bootwire::session {

struct FarewellAction {
    enum class Kind {
        say,
        complain,   ///< to the consoles, too
        unbind,     ///< have the kernel remove the disk; on_unbound() tells when it has
        log_out,    ///< send the Logout request; on_logged_out() tells what became of it
        drop,       ///< remove connection and session from the kernel
        abandon,    ///< as drop, while accesses wait: they fail then; may take long
        give_back,  ///< the reservation of the disk, if there is one
        take_link_down,
        answer,       ///< to whoever asked for the logout
        end_machine,  ///< reboot(2), since nobody else does it
    };
    Kind kind;
    std::string text = {};
    bool logged_out = false;  ///< of answer: has the target said so?
};
using FarewellActions = std::vector<FarewellAction>;

/// What the kernel has counted of the disk.
struct DiskWork {
    uint64_t completed = 0;  ///< accesses, since the disk is there
    bool waits = false;      ///< is any under way?
};

class Farewell {
  public:
    enum class Stage {
        none,         ///< the OS runs
        ending,       ///< it has begun to end
        unmounted,    ///< the logout is wanted, and the connection for it is missing
        unbinding,    ///< the disk goes
        logging_out,  ///< the target has been asked
        over,         ///< the session is gone
        given_up,     ///< accesses fail; the OS may end as well as it can
    };

    /// disk: for a person, "sda (…)". patience: how long a target may be away.
    Farewell(std::string disk, std::chrono::seconds patience)
        : disk_(std::move(disk)), patience_(patience) {}

    /// The OS says that it ends, and how; if it says so again, the last verb counts.
    FarewellActions on_ending(board::Verb verb, Moment now);
    /// It says that it does not end after all.
    FarewellActions on_cancelled();
    /// A person wants the machine to end, although the OS cannot end by itself: its disk is away.
    /// Nothing if the disk is there; and if it comes back in time, the OS goes on.
    FarewellActions on_end_anyway(board::Verb verb, Moment now);
    /// The file systems are unmounted.
    FarewellActions on_log_out_wanted(board::Verb verb, Moment now);
    /// The session is connected now, or not any more. It is taken for connected at first.
    FarewellActions on_connection(bool connected, Moment now);
    /// To be told before on_connection() and on_timer().
    void on_work(DiskWork work) { work_ = work; }
    FarewellActions on_unbound(Moment now);
    /// An error says what the target said, or why it was not asked.
    FarewellActions on_logged_out(const Status& logged_out, Moment now);
    FarewellActions on_timer(Moment now);

    std::optional<Moment> next_deadline() const { return deadline_; }
    Stage stage() const { return stage_; }
    board::Verb verb() const { return verb_; }

  private:
    using Kind = FarewellAction::Kind;

    void act(Kind kind, std::string text = {}) { actions_.push_back({kind, std::move(text)}); }
    FarewellActions take_actions() { return std::exchange(actions_, {}); }
    void set_limit(Moment now);
    void go_on();
    bool has_worked() const { return work_.completed != completed_before_; }
    void connection_while_ending(Moment now);
    void unbind(Moment now);
    void finish(const Status& logged_out);
    void give_up(Moment now);

    const std::string disk_;
    const std::chrono::seconds patience_;
    FarewellActions actions_;
    Stage stage_ = Stage::none;
    board::Verb verb_ = board::Verb::reboot;
    bool unless_it_returns_ = false;  ///< a person's wish, not the end of the OS
    bool connected_ = true;
    Moment lost_at_{0};
    std::optional<Moment> deadline_;
    Moment unbound_by_{0};
    DiskWork work_;
    uint64_t completed_before_ = 0;  ///< this connection
};

}  // namespace bootwire::session
