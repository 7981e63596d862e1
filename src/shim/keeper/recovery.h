// How a lost session comes back: the state machine of the keeper. It owns no socket and reads no
// clock: what happened goes in, with the moment; actions come out, to be carried out in their
// order.
//
// The kernel holds the root disk's I/O while this goes on. Each attempt stops the kernel's
// connection, connects, hands the socket over and logs in through the kernel (which stamps the
// sequence numbers), with the session's old ISID and TSIH 0: the target takes it for the session
// that was lost (RFC 7143 section 6.3.5, session reinstatement).
//
// Before the kernel may use the connection, the disk is asked whether it takes commands by it: one
// that lets us in and fails all I/O, as a portal on standby does, is no way. One that is held
// exclusively must be held again, too: some targets take each login for somebody new, and would
// fail the I/O that waits. So the login and these commands run over the socket itself, and Bind
// comes after them. The login's CmdSN is so far before the kernel's next one that the commands end
// exactly there.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "iscsi/async.h"
#include "iscsi_initiator/claim.h"
#include "iscsi_initiator/login.h"
#include "iscsi_initiator/task_client.h"
#include "keeper/redirection_chain.h"
#include "keeper/seldom.h"
#include "keeper/ways.h"
#include "plan/values.h"
#include "session/account.h"
#include "session/hold.h"

namespace bootwire::keeper {

/// Tell the kernel that the connection is gone (STOP_CONN, recover). Harmless when it knows.
struct StopConnection {};
/// Resolve and connect, without waiting; on_connecting() tells when that is under way,
/// on_connected() or on_connect_failed() how it went.
struct Connect {
    plan::Portal portal;
    /// Of a name with several addresses, the one of the last attempt again: nothing speaks against
    /// it.
    bool same_address = false;
    /// Nobody whom we trust has named it: its address must be one at which a target can be.
    bool led_there = false;
};
/// Forget the attempt to connect, or the socket it brought.
struct Disconnect {};
/// Hand the connected socket to the kernel and close it here.
struct Bind {};
/// Send to where the login runs: through the kernel after Bind, over the socket itself before.
struct SendPdu {
    iscsi::Bhs header;
    std::vector<uint8_t> data;
};
/// The login over the socket itself is over: from now on its PDUs have these digests.
struct UseDigests {
    iscsi::Digests digests;
};
/// Set what was negotiated and start the connection; on_started() tells whether the kernel did.
struct Start {
    iscsi::LoginResult result;
};
/// I/O goes on.
struct Recovered {
    plan::Portal portal;
    Milliseconds outage;
};
struct RecoveryEvent {
    std::string text;
    bool warning = false;
};
using RecoveryAction = std::variant<StopConnection, Connect, Disconnect, Bind, SendPdu, UseDigests,
                                    Start, Recovered, RecoveryEvent>;
using RecoveryActions = std::vector<RecoveryAction>;

class Recovery {
  public:
    using Random = Ways::Random;

    enum class State {
        established,  ///< the session runs
        logging_out,  ///< the target asked for it
        waiting,      ///< for the next attempt
        connecting,
        logging_in,
        reserving,  ///< the disk, or asking whether it takes commands
        starting,
        displaced,  ///< another machine has the disk now: its I/O must never go on
    };

    /// portals: where the session may be, in the order in which they are tried; at least one. The
    /// session is established at the first.
    Recovery(const session::Account& account, std::vector<plan::Portal> portals, Random random);
    /// Further portals, named by the target: to be tried while the others don't answer.
    RecoveryActions learn(const std::vector<plan::Portal>& portals);

    /// The disk is held for this machine alone and must be again after each loss.
    void hold(const session::Hold& hold) { hold_ = hold; }
    bool holds() const { return hold_.has_value(); }
    /// Each way is tried out with this LUN.
    void try_out_with(iscsi::Lun lun) { tried_lun_ = lun; }
    /// Whether on_connected() wants the kernel's CmdSN.
    bool logs_in_itself() const { return hold_ || tried_lun_; }
    /// A redirection is followed, but the next attempt begins at the portals given again, even if
    /// it was for good.
    void keep_to_named_portals() { redirections_.keep_to_named_portals(); }

    /// The connection is gone. at_earliest: how long the target wants to be left alone.
    RecoveryActions on_lost(const std::string& reason, Moment now,
                            Milliseconds at_earliest = Milliseconds{0});
    /// The same of a connection that is as good as before, to a portal that takes no I/O any more:
    /// the next way has its turn.
    RecoveryActions on_no_io(const std::string& reason, Moment now);
    /// An Async Message; or what is being waited for, an answer to the login, the reservation or
    /// the logout.
    /// has_commands: some of the kernel's are under way, or may be.
    RecoveryActions on_pdu(const iscsi::PduView& pdu, Moment now, bool has_commands = false);
    /// The portal's address is known, and the connection is being made from now on.
    void on_connecting(Moment now);
    /// kernel_cmd_sn: the CmdSN of the kernel's next command, if logs_in_itself(): the login then
    /// runs over the socket itself. Without, it runs through the kernel, and nothing is tried out;
    /// not for a disk that is held.
    RecoveryActions on_connected(Moment now, std::optional<uint32_t> kernel_cmd_sn = {});
    RecoveryActions on_connect_failed(const std::string& why, Moment now);
    RecoveryActions on_started(const Status& status, Moment now);
    /// There is a carrier or an address again. An attempt that waits is made soon; one whose login
    /// has stood still is begun anew.
    RecoveryActions on_network_back(Moment now);
    /// The connection, or the attempt at one, is to be given up for a new one: our address has
    /// changed, or somebody asks for it.
    RecoveryActions on_renew(const std::string& reason, Moment now);
    /// The target has told the kernel that this way's access to the disk has changed: whether it
    /// still is a way is tried out, before what the kernel sends next finds that it is none.
    RecoveryActions on_access_changed(Moment now);
    RecoveryActions on_timer(Moment now);

    std::optional<Moment> next_deadline() const { return deadline_; }
    State state() const { return state_; }
    const plan::Portal& portal() const { return portal_; }
    /// Attempts since the session was lost.
    unsigned attempts() const { return attempts_; }
    Moment lost_at() const { return lost_at_; }
    /// Why it was lost the last time.
    const std::string& loss() const { return loss_; }
    /// Why the last attempt since then failed; empty if none has.
    const std::string& trouble() const { return trouble_; }

  private:
    void note(std::string text, bool warning = false);
    void act(RecoveryAction action) { actions_.push_back(std::move(action)); }
    RecoveryActions take_actions() { return std::exchange(actions_, {}); }
    void pass();
    void lose(const std::string& reason, Moment now, Milliseconds at_earliest);
    void await_turn(Moment now);
    void attempt(Moment now);
    void attempt_at(const plan::Portal& portal, Moment now);
    Milliseconds connect_timeout() const;
    uint32_t own_commands() const;
    void begin_login(Moment now);
    void begin_asking(Moment now);
    void ask(iscsi::Intent intent, const iscsi::LoginResult& login, Moment now);
    void go_on_with_asking(Moment now);
    void on_claimed(Moment now);
    void start(const iscsi::LoginResult& result, Moment now);
    void give_up(const std::string& why);
    void abandon_login();
    void forget_login();
    void go_on_with_login(Moment now);
    void redirected(Moment now);
    void login_broke(const std::string& reason, Moment now);
    void await_answer(Moment now);
    using Failed = bool (Ways::*)(const std::string& why, Moment now);
    void try_next(const std::string& why, Failed failed, Moment now);
    void refused(const std::string& why, Moment now);
    void log_out(Moment now, uint16_t within_s);
    void on_async(const iscsi::PduView& pdu, Moment now, bool has_commands);
    void give_way_up(Moment now);

    const session::Account& account_;
    Ways ways_;
    RecoveryActions actions_;

    State state_ = State::established;
    std::optional<Moment> deadline_;
    std::optional<Moment> back_at_;  ///< since when it is established, if it was ever lost
    Moment lost_at_{0};
    std::string loss_;
    std::string trouble_;
    Moment quiet_until_{0};  ///< the target has asked for it
    plan::Portal portal_;    ///< of the session, or of the attempt under way
    unsigned attempts_ = 0;
    bool same_address_ = true;  ///< for the next attempt
    /// This login runs over the socket, and what is asked after it, up to the kernel's CmdSN.
    std::optional<uint32_t> kernel_cmd_sn_;
    bool proved_ = false;  ///< whoever let us in, if that was asked for
    bool md5_alone_ = false;
    bool md5_told_ = false;
    RedirectionChain redirections_;  ///< of this attempt
    std::map<iscsi::AsyncEvent, Seldom> announcements_told_;
    Moment asked_at_{0};              ///< the last request of the login or about the reservation
    std::optional<Moment> login_by_;  ///< this attempt is over, however many answers it has had

    std::unique_ptr<iscsi::LoginStorage> storage_;
    std::optional<iscsi::LoginClient> login_;

    std::optional<session::Hold> hold_;
    std::optional<iscsi::Lun> tried_lun_;
    iscsi::Intent asked_for_{};  ///< of claim_
    std::optional<iscsi::Claim> claim_;
    std::unique_ptr<iscsi::TaskClient> tasks_;
};

}  // namespace bootwire::keeper
