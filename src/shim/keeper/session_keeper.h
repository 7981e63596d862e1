// Keeps one session of the kernel alive: what keeper/recovery.h decides is carried out by
// keeper/recovery_executor.h; what concerns the session itself is done here.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "control/report.h"
#include "keeper/initiator.h"
#include "keeper/ping_patience.h"
#include "keeper/recovery_executor.h"
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
    Endpoint portal;                          ///< where it is at first
    std::vector<plan::Portal> portals;        ///< of the next login: the first one first
    bool may_learn_portals = true;            ///< from the target, by redirections too
    bool found_by_discovery = false;          ///< the target, with the login that the account has
    std::optional<session::Hold> hold;        ///< of the disk, if it is held
    std::optional<iscsi::Lun> tried_lun;      ///< with which each way is tried out
    plan::RecoveryTime recovery;              ///< how long I/O waits; nothing: for ever
    iscsi::OperationalParameters parameters;  ///< what was agreed on at first
    std::shared_ptr<const net::NameServers> name_servers;  ///< may change with a lease
    Addresses addresses;                                   ///< of the portals that have a name
};

/// What the session does.
struct SessionEvent {
    enum class Kind {
        lost,        ///< its connection carries no I/O any more
        back,        ///< it does again
        displaced,   ///< it never will: another machine has the disk
        unbound,     ///< the kernel has removed its disks
        logged_out,  ///< the target has answered the logout
    };
    Kind kind;
    Status logged_out = {};  ///< an error is what the target said instead
};

class SessionKeeper final : private Initiator {
  public:
    using Owner = std::function<void(const SessionEvent&)>;

    /// connection_state: an open descriptor of /sys/class/iscsi_connection/connectionN:0/state,
    /// since events of the kernel can get lost.
    SessionKeeper(EventLoop& loop, session::KernelInitiator kernel, KeptSession session,
                  Fd connection_state);
    SessionKeeper(const SessionKeeper&) = delete;
    SessionKeeper& operator=(const SessionKeeper&) = delete;
    ~SessionKeeper();

    /// Who is told what the session does, each event in its order. It is the event loop that tells:
    /// the owner is never called from within a call of its own. Set once.
    void set_owner(Owner owner) { owner_ = std::move(owner); }

    /// Where the kernel counts what the session's disk has to do (/sys/block/NAME/stat), open;
    /// outlives this. Until then it may have something to do at any time.
    void watch_disk(const Fd& counters) { disk_counters_ = &counters; }

    /// The carrier or the address is back.
    void network_back() { executor_.network_back(); }
    /// See Recovery::learn().
    void learn(const std::vector<plan::Portal>& portals) { executor_.learn(portals); }
    /// The connection cannot work any longer, or somebody wants a new one.
    void reconnect(const std::string& reason) { executor_.renew(reason); }
    /// See Recovery::on_access_changed().
    void access_changed() { executor_.access_changed(); }

    /// Gives the disk back, if it is held, so that another machine can have it at once. To be
    /// called last, when the session has been logged out and is gone from the kernel; waits for the
    /// target.
    Status give_disk_back() const;
    /// What a login needs that may wait, as one can at the end or in a child.
    session::Surroundings surroundings() const;

    /// Has the kernel remove the session's disks; the owner is told when it has.
    Status unbind();
    /// From here on the session ends: it is not restored any more, whatever happens.
    Status send_logout();
    void drop();
    /// drop() by a child process, for a kernel that waits for the target meanwhile.
    void abandon();

    const KeptSession& session() const { return session_; }
    const Recovery& recovery() const { return executor_.recovery(); }
    /// When this connection began to carry I/O.
    Moment connected_at() const { return connected_at_; }
    /// The last ones, oldest first.
    const std::deque<control::Outage>& outages() const { return outages_; }
    /// All since the keeper started.
    uint64_t outage_count() const { return outage_count_; }
    Milliseconds outage_time() const { return outage_time_; }

  private:
    void stop_connection() override;
    Result<uint32_t> next_cmd_sn() override;
    Status bind(Fd socket) override;
    Status send(const SendPdu& pdu) override;
    Status start(const plan::Portal& portal, const iscsi::LoginResult& result) override;
    bool has_commands() override;
    void recovered(const Recovered& recovered) override;
    void say(const RecoveryEvent& event) override;
    void carried_out() override;

    void receive_events();
    void receive(const session::KernelEvent& event);
    void receive_last(const session::KernelEvent& event);
    void receive_queued();
    void forget_events();
    void look_at_state();
    void release();
    void note_connected(bool connected);
    void tell(SessionEvent event);
    void tell_owner();

    EventLoop& loop_;
    session::KernelInitiator kernel_;
    KeptSession session_;
    Fd connection_state_;
    const Fd* disk_counters_ = nullptr;
    PingPatience pings_;
    plan::Portal last_portal_;  // at which it was started
    RecoveryExecutor executor_;
    Fd handed_over_;  // the socket while the kernel logs in over it
    std::optional<EventLoop::TimerId> state_timer_;
    std::optional<EventLoop::TimerId> queue_timer_;
    Owner owner_;
    std::deque<SessionEvent> untold_;
    std::optional<EventLoop::TimerId> tell_timer_;
    bool connected_ = true;   // as the owner is told
    bool displaced_ = false;  // the same
    bool released_ = false;   // the session ends
    Moment connected_at_;
    std::deque<control::Outage> outages_;  // the last ones
    uint64_t outage_count_ = 0;
    Milliseconds outage_time_{0};
};

}  // namespace bootwire::keeper
