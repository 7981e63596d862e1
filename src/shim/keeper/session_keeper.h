// Keeps one session of the kernel alive: carries out what session/recovery.h decides.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "control/report.h"
#include "keeper/known_addresses.h"
#include "keeper/look_ups.h"
#include "keeper/recovery.h"
#include "net/pdu_stream.h"
#include "net/resolve.h"
#include "os/event_loop.h"
#include "os/fd.h"
#include "session/hold.h"
#include "session/kernel_initiator.h"
#include "session/log_in.h"

namespace bootwire::keeper {

/// Everything about the session that is to be kept.
struct KeptSession {
    session::KernelSession handle;
    session::Account account;
    Endpoint portal;                                ///< where it is at first
    std::vector<plan::Portal> portals;              ///< of the next login: the first one first
    bool may_learn_portals = true;                  ///< from the target
    std::optional<session::Hold> hold;              ///< of the disk, if it is held
    plan::Recovery recovery;                        ///< how long I/O waits; nothing: for ever
    iscsi::OperationalParameters parameters;        ///< what was agreed on at first
    std::shared_ptr<const net::Resolver> resolver;  ///< may change with a lease
    Addresses addresses;                            ///< of the portals that have a name
};

class SessionKeeper {
  public:
    /// Who is told what the session does; nothing is called from within a call.
    struct Observer {
        std::function<void(bool connected)> connection;  ///< whenever that changes
        std::function<void()> unbound;
        std::function<void(const iscsi::LogoutResponsePdu&)> logged_out;
    };

    /// connection_state: an open descriptor of /sys/class/iscsi_connection/connectionN:0/state,
    /// since events of the kernel can get lost.
    SessionKeeper(EventLoop& loop, session::KernelInitiator kernel, KeptSession session,
                  Fd connection_state);
    SessionKeeper(const SessionKeeper&) = delete;
    SessionKeeper& operator=(const SessionKeeper&) = delete;
    ~SessionKeeper();

    /// The carrier or the address is back.
    void network_back();
    /// Where the target is reached, too; see Recovery::learn().
    void learn(const std::vector<plan::Portal>& portals);
    /// The connection cannot work any longer, or somebody wants a new one.
    void reconnect(const std::string& reason);

    /// Called whenever the session is back, or will never be; replaces what was set before.
    void on_settled(std::function<void()> handler) { settled_ = std::move(handler); }

    /// Called whenever the session is back; replaces what was set before.
    void on_back(std::function<void()> handler) { back_ = std::move(handler); }

    /// Gives the disk back, if it is held, so that another machine can have it at once. To be
    /// called last, when the session has been logged out and is gone from the kernel; waits for the
    /// target.
    Status give_disk_back() const;
    /// For what may wait: at the end, or in a child.
    session::Surroundings waiting() const;

    const KeptSession& session() const { return session_; }
    void set_observer(Observer observer) { observer_ = std::move(observer); }
    /// Has the kernel remove the session's disks; the observer hears of it.
    Status unbind();
    /// From here on the session ends: it is not restored any more, whatever happens.
    Status send_logout();
    void drop();
    /// drop() by a child process, for a kernel that waits for the target meanwhile.
    void abandon();

    const Recovery& recovery() const { return recovery_; }
    /// When this connection began to carry I/O.
    Moment connected_at() const { return connected_at_; }
    /// The last ones, oldest first.
    const std::deque<control::Outage>& outages() const { return outages_; }
    /// All since the keeper started.
    uint64_t outage_count() const { return outage_count_; }
    Milliseconds outage_time() const { return outage_time_; }

  private:
    void perform(RecoveryActions actions);
    void receive_events();
    void forget_events();
    void receive_last(const session::KernelEvent& event);
    void look_at_state();
    void connect(const Connect& to);
    void connect_to(const IpAddress& address);
    void looked_up(const std::string& name, const LookUps::Answer& answer);
    void connected();
    void connect_failed(int error);
    void disconnect();
    RecoveryActions bind();
    void log_in_over_socket();
    void receive_from_socket();
    RecoveryActions send(const SendPdu& pdu);
    void recovered(const Recovered& recovered);
    void set_timer();
    void release();
    void tell_of_connection();

    EventLoop& loop_;
    session::KernelInitiator kernel_;
    KeptSession session_;
    Fd connection_state_;
    Recovery recovery_;
    Fd socket_;
    Fd handed_over_;                   // the socket while the kernel logs in over it
    std::optional<net::PduStream> pdus_;  // over socket_, where the login does not run in the kernel
    KnownAddresses addresses_;
    LookUps look_ups_;
    plan::Portal asked_;           // the last one
    Endpoint endpoint_;            // its address
    bool awaits_address_ = false;  // which is looked up for the first time
    std::string name_trouble_;     // why a look-up failed: told once in an outage
    std::optional<EventLoop::TimerId> timer_;
    std::optional<EventLoop::TimerId> state_timer_;
    std::function<void()> settled_;
    std::function<void()> back_;
    Moment connected_at_;
    std::deque<control::Outage> outages_;  // the last ones
    uint64_t outage_count_ = 0;
    Milliseconds outage_time_{0};
    Observer observer_;
    bool connected_ = true;  // as the observer knows it
    bool released_ = false;  // the session ends
};

}  // namespace bootwire::keeper
