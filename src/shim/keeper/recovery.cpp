#include "keeper/recovery.h"

#include <algorithm>

#include "base/text.h"
#include "iscsi/async.h"
#include "iscsi/logout.h"
#include "iscsi/pdu_scsi.h"
#include "iscsi/scsi.h"
#include "iscsi_initiator/async_words.h"

namespace bootwire::keeper {

namespace {

using namespace std::chrono_literals;

// The kernel repeats its SYN every second meanwhile. Several portals share the time: one that is
// back is not to wait for those that are not.
constexpr Milliseconds whole_connect_timeout = 4s;
constexpr Milliseconds shortest_connect_timeout = 1s;
// When the network is back, a question that is open for longer than this may have been lost with
// it, and TCP takes its time before it repeats what it has repeated already.
constexpr Milliseconds stale_question = 2s;
constexpr Milliseconds logout_timeout = 10s;
constexpr Milliseconds longest_left_alone = 60s;  // whatever Time2Wait a target asks for
// What the log has of a portal that sends us where there is nothing to be had, whatever that is
// each time: whoever redirects may do so to another place each time.
constexpr char leads_astray[] = "its redirections lead nowhere";
// A way may carry logins and no data: what is lost within this time was hardly there. The kernel
// notices after 10 s (its pings).
constexpr Milliseconds lasting = 30s;

}  // namespace

Recovery::Recovery(const session::Account& account, std::vector<plan::Portal> portals,
                   Random random)
    : account_(account),
      ways_(std::move(portals), std::move(random)),
      portal_(ways_.current()),
      storage_(std::make_unique<iscsi::LoginStorage>()) {}

RecoveryActions Recovery::learn(const std::vector<plan::Portal>& portals) {
    for (const plan::Portal& portal : portals) {
        if (!ways_.learn(portal)) continue;
        note("the target says that it is at " + portal.to_string() + ", too");
    }
    return take_actions();
}

void Recovery::note(std::string text, bool warning) {
    act(RecoveryEvent{std::move(text), warning});
}

RecoveryActions Recovery::on_lost(const std::string& reason, Moment now, Milliseconds at_earliest) {
    if (state_ == State::established && back_at_ && now < *back_at_ + lasting) pass();
    lose(reason, now, at_earliest);
    return take_actions();
}

RecoveryActions Recovery::on_no_io(const std::string& reason, Moment now) {
    if (state_ == State::established) pass();
    lose(reason, now, 0ms);
    return take_actions();
}

/// The way, and the address that its name had, have had their turn.
void Recovery::pass() {
    ways_.pass();
    same_address_ = false;
}

void Recovery::lose(const std::string& reason, Moment now, Milliseconds at_earliest) {
    switch (state_) {
        case State::established:
        case State::logging_out:
            note("the connection to " + portal_.to_string() + " is lost: " + reason, true);
            lost_at_ = now;
            loss_ = reason;
            trouble_.clear();
            quiet_until_ = now + std::min(at_earliest, longest_left_alone);
            attempts_ = 0;
            md5_alone_ = false;
            act(StopConnection{});
            return await_turn(now);
        case State::logging_in:
        case State::reserving:
        case State::starting:
            return login_broke(reason, now);
        case State::displaced:
        case State::waiting:
        case State::connecting:
            return;  // the kernel tells of the old connection again
    }
}

/// Until the next attempt is due, which may be now.
void Recovery::await_turn(Moment now) {
    state_ = State::waiting;
    deadline_ = std::max({now, ways_.next(now), quiet_until_});
    if (*deadline_ == now) attempt(now);
}

void Recovery::attempt(Moment now) {
    redirections_.begin();
    login_by_.reset();
    ways_.begin_attempt(now);
    attempt_at(plan::Portal(ways_.current()), now);
}

void Recovery::attempt_at(const plan::Portal& portal, Moment now) {
    ++attempts_;
    portal_ = portal;
    forget_login();
    act(StopConnection{});
    act(Connect{portal, std::exchange(same_address_, false), redirections_.any()});
    state_ = State::connecting;
    deadline_ = now + connect_timeout();
}

Milliseconds Recovery::connect_timeout() const {
    if (ways_.current_is_learnt()) return shortest_connect_timeout;
    const Milliseconds shared = whole_connect_timeout / static_cast<int>(ways_.turns());
    return std::max(shared, shortest_connect_timeout);
}

void Recovery::on_connecting(Moment now) {
    if (state_ == State::connecting) deadline_ = now + connect_timeout();
}

RecoveryActions Recovery::on_connected(Moment now, std::optional<uint32_t> kernel_cmd_sn) {
    if (state_ != State::connecting) return {};
    // Never through the kernel where another machine may have the disk.
    kernel_cmd_sn_ = hold_ ? kernel_cmd_sn.value_or(0) : kernel_cmd_sn;
    if (!kernel_cmd_sn_) act(Bind{});
    begin_login(now);
    return take_actions();
}

/// What this machine has in memory no longer fits the disk, and never will again.
void Recovery::give_up(const std::string& why) {
    trouble_ =
        "another machine has taken the disk, and this one's accesses to it wait for ever; "
        "restart this machine";
    note(why, true);
    note(trouble_, true);
    forget_login();
    act(StopConnection{});
    act(Disconnect{});
    state_ = State::displaced;
    deadline_.reset();
}

void Recovery::abandon_login() {
    act(StopConnection{});
    act(Disconnect{});
    forget_login();
}

RecoveryActions Recovery::on_connect_failed(const std::string& why, Moment now) {
    if (state_ == State::connecting) try_next(why, &Ways::unreachable, now);
    return take_actions();
}

/// Nothing was said: ask again soon, and whoever is next. But whoever has sent us there will do so
/// again, and has his pause like one who refuses.
void Recovery::try_next(const std::string& why, Failed failed, Moment now) {
    trouble_ = why;
    forget_login();
    if (!redirections_.any()) {
        if ((ways_.*failed)(why, now)) note(why + "; trying again every second");
    } else {
        const std::string from = ways_.current().to_string();
        if (failed == &Ways::silent) ways_.give_more_time();
        if (ways_.refused(leads_astray, now)) note(why + ", to which " + from + " redirects", true);
    }
    await_turn(now);
}

/// The target is there and does not want us, or not now: it must not be drowned in logins.
void Recovery::refused(const std::string& why, Moment now) {
    trouble_ = why;
    forget_login();
    act(StopConnection{});
    act(Disconnect{});
    const bool is_news = ways_.refused(redirections_.any() ? std::string(leads_astray) : why, now);
    if (is_news) note("login at " + portal_.to_string() + ": " + why, true);
    await_turn(now);
}

/// The connection was there and is gone: nobody has refused anything.
void Recovery::login_broke(const std::string& reason, Moment now) {
    act(StopConnection{});
    act(Disconnect{});
    if (state_ == State::logging_in) {
        login_->connection_closed();
        if (login_->state() == iscsi::LoginState::retry_with_md5) return go_on_with_login(now);
    }
    const std::string why = "the login at " + portal_.to_string() + " broke off: " + reason;
    try_next(why, &Ways::no_answer, now);
}

RecoveryActions Recovery::on_started(const Status& status, Moment now) {
    if (state_ != State::starting) return {};
    forget_login();
    if (!status) {
        login_broke(status.error().what, now);
        return take_actions();
    }
    if (redirections_.are_for_good(proved_)) ways_.moved_to(portal_);
    ways_.welcomed();
    state_ = State::established;
    same_address_ = true;
    back_at_ = now;
    deadline_.reset();
    act(Recovered{portal_, now - lost_at_});
    return take_actions();
}

RecoveryActions Recovery::on_network_back(Moment now) {
    // A target that has refused, or wants to be left alone, gets its pause: it was not the network
    // that was wrong.
    const bool waits = state_ == State::waiting && now >= quiet_until_;
    const bool asks = state_ == State::logging_in || state_ == State::reserving;
    const bool is_stale = asks && now >= asked_at_ + stale_question;
    if (!waits && !is_stale) return {};
    if (is_stale) abandon_login();
    if (ways_.skip_refusals()) ways_.hasten(now);
    await_turn(now);
    return take_actions();
}

RecoveryActions Recovery::on_renew(const std::string& reason, Moment now) {
    if (state_ == State::displaced) return {};
    if (state_ == State::established || state_ == State::logging_out) {
        lose(reason, now, 0ms);
    } else {
        note(reason);
        act(Disconnect{});
        same_address_ = true;
        attempt(now);
    }
    return take_actions();
}

RecoveryActions Recovery::on_timer(Moment now) {
    if (!deadline_ || now < *deadline_) return {};
    switch (state_) {
        case State::established:
        case State::displaced:
            deadline_.reset();
            break;
        case State::logging_out:
            lose("the target asked for it, and does not answer the logout", now, 0ms);
            break;
        case State::waiting:
            await_turn(now);
            break;
        case State::connecting: {
            const std::string why = portal_.to_string() + " does not answer";
            act(Disconnect{});
            try_next(why, &Ways::unreachable, now);
            break;
        }
        case State::logging_in:
        case State::reserving:
        case State::starting: {
            const bool answers_for_ever = deadline_ == login_by_;
            const std::string why =
                portal_.to_string() + (answers_for_ever ? " does not come to an end with the login"
                                                        : " does not answer the login");
            abandon_login();
            try_next(why, &Ways::silent, now);
            break;
        }
    }
    return take_actions();
}

RecoveryActions Recovery::on_pdu(const iscsi::PduView& pdu, Moment now, bool has_commands) {
    if (state_ == State::logging_in) {
        login_->receive_pdu(pdu);
        go_on_with_login(now);
    } else if (state_ == State::reserving) {
        tasks_->receive_pdu(pdu);
        go_on_with_asking(now);
    } else if (iscsi::opcode_of(pdu.bhs) == iscsi::Opcode::async_message) {
        on_async(pdu, now, has_commands);
    } else if (state_ == State::logging_out) {
        if (const auto response = iscsi::LogoutResponsePdu::decode(pdu.bhs)) {
            lose("logged out, as the target asked", now,
                 std::chrono::seconds(response->response == 0 ? 0 : response->time2wait_s));
        }
    }
    return take_actions();
}

RecoveryActions Recovery::on_access_changed(Moment now) {
    if (state_ == State::established) give_way_up(now);
    return take_actions();
}

void Recovery::give_way_up(Moment now) {
    lose("the target says that its ways to the disk have changed", now, 0ms);
}

void Recovery::on_async(const iscsi::PduView& pdu, Moment now, bool has_commands) {
    const iscsi::AsyncNotice notice = iscsi::decode_async(*iscsi::AsyncMessagePdu::decode(pdu.bhs));
    if (state_ != State::established) return;
    if (notice.event == iscsi::AsyncEvent::scsi) {
        const auto sense = iscsi::decode_sense(iscsi::sense_in(pdu.data));
        if (sense && iscsi::tells_of_changed_access(*sense)) give_way_up(now);
        return;
    }
    const auto line = announcements_told_[notice.event].say(iscsi::describe(notice), now);
    if (line) note(*line);
    switch (notice.event) {
        // RFC 7143 section 11.9.1 takes a logout for an answer to this one, too; the next login
        // negotiates. A Text request would be no way to change what the kernel works with.
        case iscsi::AsyncEvent::renegotiation:
        case iscsi::AsyncEvent::logout_requested:
            // Some targets (EqualLogic, when it spreads its load) answer what is under way with an
            // error then, which the disk would see. What is cut off is only sent again.
            if (has_commands) {
                lose("the target wants a logout, and commands are under way", now, 0ms);
            } else {
                log_out(now, notice.within_s);
            }
            break;
        case iscsi::AsyncEvent::connection_dropped:
        case iscsi::AsyncEvent::all_connections_dropped:
            lose("the target drops it", now, std::chrono::seconds(notice.time2wait_s));
            break;
        default:
            break;  // nothing that the session hangs on
    }
}

void Recovery::log_out(Moment now, uint16_t within_s) {
    iscsi::LogoutRequestPdu request;
    request.reason = iscsi::LogoutReason::close_session;
    act(SendPdu{request.encode(), {}});
    state_ = State::logging_out;
    deadline_ = now + std::clamp<Milliseconds>(std::chrono::seconds(within_s), 1s, logout_timeout);
}

}  // namespace bootwire::keeper
