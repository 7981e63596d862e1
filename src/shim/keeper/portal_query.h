// Learning, some time after the boot, where else the target is reached.
#pragma once

#include <optional>
#include <string>

#include "keeper/session_keeper.h"
#include "os/event_loop.h"
#include "os/fd.h"

namespace bootwire::keeper {

/// Asks the portal at which the session is for the target's other portals: once after the boot, and
/// once after each return, since by then there may be new ones. It does so in a process of its own:
/// a portal that takes its time over the answer then holds up neither the boot nor the keeper, and
/// whatever goes wrong, the session is not concerned.
class PortalQuery {
  public:
    /// The session, which must outlive the query, learns what is found.
    PortalQuery(EventLoop& loop, SessionKeeper& session);
    PortalQuery(const PortalQuery&) = delete;
    PortalQuery& operator=(const PortalQuery&) = delete;
    ~PortalQuery();

    void on_session(const SessionEvent& event);

  private:
    void ask_at(Moment moment);
    void ask_again();
    void ask();
    void receive();

    EventLoop& loop_;
    SessionKeeper& session_;
    std::optional<EventLoop::TimerId> timer_;
    Fd answer_;  // the child's: a line for each portal, then a full stop; or what went wrong
    std::string received_;
    unsigned questions_ = 0;
    bool refused_ = false;  ///< for good: each further question would be one more in their log
};

/// Whether asking makes sense: not where it would be refused. Servers have a login of their own for
/// discovery, and mostly none; one-way CHAP does without then, mutual CHAP takes nothing less.
bool may_ask(const KeptSession& session);

}  // namespace bootwire::keeper
