#include "session/recovery.h"

#include <algorithm>

#include "base/text.h"
#include "iscsi/async.h"
#include "iscsi/login_error.h"
#include "iscsi/logout.h"

namespace bootwire::session {

namespace {

using namespace std::chrono_literals;

// While nothing answers, attempts are at most this far apart: a target that listens again is found
// within a second.
constexpr Milliseconds kAskEvery = 1s;
constexpr Milliseconds kConnectTimeout = 4s;   // the kernel repeats its SYN every second meanwhile
constexpr Milliseconds kFailoverTimeout = 2s;  // where there is another portal to try
constexpr Milliseconds kAnswerTimeout = 10s;
constexpr Milliseconds kLongestBackOff = 30s;
constexpr Milliseconds kLongestLeftAlone = 60s;  // whatever Time2Wait a target asks for
constexpr unsigned kMostHops = 8;

}  // namespace

Recovery::Recovery(const Account& account, std::vector<plan::Portal> portals, Random random)
    : account_(account),
      portals_(std::move(portals)),
      random_(std::move(random)),
      portal_(portals_.front()),
      storage_(std::make_unique<iscsi::LoginStorage>()) {}

void Recovery::note(std::string text, bool warning) {
    act(RecoveryEvent{std::move(text), warning});
}

/// Between 60 % and all of it.
Milliseconds Recovery::jittered(Milliseconds longest) {
    return longest * (60 + random_() % 41) / 100;
}

RecoveryActions Recovery::on_lost(const std::string& reason, Moment now, Milliseconds at_earliest) {
    lose(reason, now, at_earliest);
    return take_actions();
}

void Recovery::lose(const std::string& reason, Moment now, Milliseconds at_earliest) {
    const Milliseconds wait = std::min(at_earliest, kLongestLeftAlone);
    switch (state_) {
        case State::established:
        case State::logging_out:
            note("the connection to " + portal_.to_string() + " is lost: " + reason, true);
            lost_at_ = now;
            attempts_ = refusals_ = hops_ = 0;
            md5_alone_ = false;
            told_.clear();
            next_portal_ = 0;
            act(StopConnection{});
            state_ = State::waiting;
            deadline_ = now + wait;
            if (wait == 0ms) attempt(portals_[next_portal_], now);
            return;
        case State::logging_in:
        case State::starting:
            refused("the connection broke during the login: " + reason, now);
            return;
        case State::waiting:
        case State::connecting:
            return;  // the kernel tells of the old connection again
    }
}

void Recovery::attempt(const plan::Portal& portal, Moment now) {
    ++attempts_;
    portal_ = portal;
    login_.reset();
    act(StopConnection{});
    act(Connect{portal});
    state_ = State::connecting;
    deadline_ = now + (portals_.size() > 1 ? kFailoverTimeout : kConnectTimeout);
}

RecoveryActions Recovery::on_connected(Moment now) {
    if (state_ != State::connecting) return {};
    act(Bind{});
    begin_login(now);
    return take_actions();
}

void Recovery::begin_login(Moment now) {
    iscsi::LoginRequest request = login_request(account_);
    request.numbers_stamped_elsewhere = true;
    if (md5_alone_) request.chap_algorithms = iscsi::md5_alone;
    login_.emplace(request, storage_->buffers());
    state_ = State::logging_in;
    go_on_with_login(now);
}

void Recovery::go_on_with_login(Moment now) {
    switch (login_->state()) {
        case iscsi::LoginState::sending:
            if (const auto pdu = login_->next_pdu()) {
                SendPdu send;
                std::ranges::copy(pdu->bhs, send.header.begin());
                send.data.assign(pdu->data.begin(), pdu->data.end());
                act(std::move(send));
            }
            deadline_ = now + kAnswerTimeout;
            return;
        case iscsi::LoginState::receiving:
            return;
        case iscsi::LoginState::finished:
            act(Start{login_->result()});
            state_ = State::starting;
            deadline_ = now + kAnswerTimeout;
            return;
        case iscsi::LoginState::redirected: {
            const iscsi::LoginRedirection& to = login_->redirection();
            if (++hops_ > kMostHops) return refused("the portals redirect in a circle", now);
            const plan::Portal next = portal_of(to.address);
            note(portal_.to_string() + " redirects to " + next.to_string());
            if (to.permanent) portals_[next_portal_] = next;
            return attempt(next, now);
        }
        case iscsi::LoginState::retry_with_md5:
            md5_alone_ = true;
            return attempt(plan::Portal(portal_), now);
        case iscsi::LoginState::failed:
            return refused(iscsi::describe(login_->failure(), login_request(account_)).what, now);
    }
}

RecoveryActions Recovery::on_connect_failed(const std::string& why, Moment now) {
    if (state_ == State::connecting) nobody_answers(why, now);
    return take_actions();
}

/// Nothing was said: ask again soon, and whoever is next.
void Recovery::nobody_answers(const std::string& why, Moment now) {
    if (told_ != why) note(why + "; trying again every second");
    told_ = why;
    hops_ = 0;
    next_portal_ = (next_portal_ + 1) % portals_.size();
    state_ = State::waiting;
    deadline_ = now + jittered(kAskEvery);
}

/// The target is there and does not want us, or not now: it must not be drowned in logins.
void Recovery::refused(const std::string& why, Moment now) {
    if (told_ != why) note("login at " + portal_.to_string() + ": " + why, true);
    told_ = why;
    hops_ = 0;
    const Milliseconds back_off = kAskEvery * (1 << std::min(refusals_, 5u));
    ++refusals_;
    next_portal_ = (next_portal_ + 1) % portals_.size();
    login_.reset();
    act(StopConnection{});
    act(Disconnect{});
    state_ = State::waiting;
    deadline_ = now + jittered(std::min(back_off, kLongestBackOff));
}

RecoveryActions Recovery::on_started(const Status& status, Moment now) {
    if (state_ != State::starting) return {};
    login_.reset();
    if (!status) {
        refused(status.error().what, now);
        return take_actions();
    }
    state_ = State::established;
    deadline_.reset();
    act(Recovered{portal_, now - lost_at_});
    return take_actions();
}

RecoveryActions Recovery::on_network_back(Moment now) {
    // A target that refused is left its pause: it was not the network that was wrong.
    if (state_ == State::waiting && refusals_ == 0) attempt(portals_[next_portal_], now);
    return take_actions();
}

RecoveryActions Recovery::on_timer(Moment now) {
    if (!deadline_ || now < *deadline_) return {};
    switch (state_) {
        case State::established:
            deadline_.reset();
            break;
        case State::logging_out:
            lose("the target asked for it, and does not answer the logout", now, 0ms);
            break;
        case State::waiting:
            attempt(portals_[next_portal_], now);
            break;
        case State::connecting:
            act(Disconnect{});
            nobody_answers(portal_.to_string() + " does not answer", now);
            break;
        case State::logging_in:
        case State::starting:
            refused("no answer", now);
            break;
    }
    return take_actions();
}

RecoveryActions Recovery::on_pdu(const iscsi::PduView& pdu, Moment now) {
    if (const auto message = iscsi::AsyncMessagePdu::decode(pdu.bhs)) {
        on_async(*message, now);
    } else if (state_ == State::logging_in) {
        login_->receive_pdu(pdu);
        go_on_with_login(now);
    } else if (state_ == State::logging_out) {
        if (const auto response = iscsi::LogoutResponsePdu::decode(pdu.bhs)) {
            lose("logged out, as the target asked", now,
                 std::chrono::seconds(response->response == 0 ? 0 : response->time2wait_s));
        }
    }
    return take_actions();
}

void Recovery::on_async(const iscsi::AsyncMessagePdu& message, Moment now) {
    const iscsi::AsyncNotice notice = iscsi::decode_async(message);
    if (notice.event == iscsi::AsyncEvent::scsi || state_ != State::established) return;
    note(iscsi::describe(notice));
    switch (notice.event) {
        case iscsi::AsyncEvent::logout_requested:
            log_out(now, notice.within_s);
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
    deadline_ = now + std::clamp<Milliseconds>(std::chrono::seconds(within_s), 1s, kAnswerTimeout);
}

}  // namespace bootwire::session
