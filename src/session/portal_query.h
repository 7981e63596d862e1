// Learning, some time after the boot, where else the target is reached.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/fd.h"
#include "session/session_keeper.h"

namespace bootwire::session {

/// Asks the session's first portal, once, for the target's other portals. It does so in a process
/// of its own: a portal that takes its time over the answer then holds up neither the boot nor the
/// keeper, and whatever goes wrong, the session is not concerned.
class PortalQuery {
  public:
    /// found is called only if there is something to tell. The session must outlive the query.
    PortalQuery(EventLoop& loop, const KeptSession& session,
                std::function<void(const std::vector<plan::Portal>&)> found);
    PortalQuery(const PortalQuery&) = delete;
    PortalQuery& operator=(const PortalQuery&) = delete;
    ~PortalQuery();

  private:
    void ask_at(Moment moment);
    void ask_again();
    void ask();
    void receive();

    EventLoop& loop_;
    const KeptSession& session_;
    std::function<void(const std::vector<plan::Portal>&)> found_;
    std::optional<EventLoop::TimerId> timer_;
    Fd answer_;  // the child's: a line for each portal, then a full stop
    std::string received_;
    unsigned questions_ = 0;
};

/// Portals as PortalQuery's child writes them, and back; nothing if the text is not complete.
std::string encode_portals(const std::vector<plan::Portal>& portals);
std::optional<std::vector<plan::Portal>> decode_portals(std::string_view text);

}  // namespace bootwire::session
