// Keeps one session of the kernel alive: carries out what session/recovery.h decides.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "base/event_loop.h"
#include "session/kernel_initiator.h"
#include "session/recovery.h"

namespace bootwire::session {

/// Everything about the session that is to be kept.
struct KeptSession {
    KernelSession handle;
    Account account;
    std::vector<plan::Portal> portals;  ///< the one it is at first
    plan::Recovery recovery;            ///< how long I/O waits; nothing: for ever
    std::function<Result<IpAddress>(const std::string& host)> resolve;
};

/// A time without connection.
struct Outage {
    Moment began;
    Milliseconds duration;
};

class SessionKeeper {
  public:
    /// connection_state: an open descriptor of /sys/class/iscsi_connection/connectionN:0/state,
    /// since events of the kernel can get lost.
    SessionKeeper(EventLoop& loop, KernelInitiator kernel, KeptSession session,
                  Fd connection_state);
    SessionKeeper(const SessionKeeper&) = delete;
    SessionKeeper& operator=(const SessionKeeper&) = delete;
    ~SessionKeeper();

    /// The carrier or the address is back.
    void network_back();
    /// The connection cannot work any longer, or somebody wants a new one.
    void reconnect(const std::string& reason);

    const Recovery& recovery() const { return recovery_; }
    const std::deque<Outage>& outages() const { return outages_; }

  private:
    void perform(RecoveryActions actions);
    void receive_events();
    void look_at_state();
    void connect(const plan::Portal& portal);
    void connected();
    void disconnect();
    RecoveryActions bind();
    void set_timer();

    EventLoop& loop_;
    KernelInitiator kernel_;
    KeptSession session_;
    Fd connection_state_;
    Recovery recovery_;
    Fd socket_;
    Endpoint endpoint_;
    std::optional<EventLoop::TimerId> timer_;
    std::optional<EventLoop::TimerId> state_timer_;
    std::deque<Outage> outages_;  // the last ones
};

}  // namespace bootwire::session
