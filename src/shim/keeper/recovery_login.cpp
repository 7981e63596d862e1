// The login of an attempt, and the reservation that may follow it.
#include <algorithm>

#include "keeper/recovery.h"
#include "session/claim_error.h"
#include "session/login_error.h"

namespace bootwire::keeper {

namespace {

// A whole login, redirections included, may take as long as so many answers that come at the last
// moment: whoever answers for ever and never lets us in must not keep us from the other portals.
constexpr int answers_a_login_may_take = 4;
// Our commands between the login and the kernel's first one: what they may need at most. A target
// tells a new session one thing or two before it carries anything out. What is not needed is used
// up by commands without effect, in one go.
constexpr uint32_t commands_to_try_out = 8;
constexpr uint32_t commands_to_reserve = 16;

SendPdu send_pdu(const iscsi::PduView& pdu) {
    SendPdu send;
    std::ranges::copy(pdu.bhs, send.header.begin());
    send.data.assign(pdu.data.begin(), pdu.data.end());
    return send;
}

}  // namespace

uint32_t Recovery::own_commands() const {
    return (tried_lun_ ? commands_to_try_out : 0) + (hold_ ? commands_to_reserve : 0);
}

/// CmdSN goes round (RFC 7143 section 4.2.2.1), in this subtraction as well.
void Recovery::begin_login(Moment now) {
    iscsi::LoginSettings settings = session::login_settings(account_);
    settings.numbers_stamped_elsewhere = !kernel_cmd_sn_;
    if (kernel_cmd_sn_) settings.cmd_sn = *kernel_cmd_sn_ - own_commands();
    if (md5_alone_) settings.chap_algorithms = iscsi::md5_alone;
    login_.emplace(settings, storage_->buffers());
    state_ = State::logging_in;
    go_on_with_login(now);
}

void Recovery::go_on_with_login(Moment now) {
    switch (login_->state()) {
        case iscsi::LoginState::sending:
            if (const auto pdu = login_->next_pdu()) act(send_pdu(*pdu));
            return await_answer(now);
        case iscsi::LoginState::receiving:
            return;
        case iscsi::LoginState::finished:
            return kernel_cmd_sn_ ? begin_asking(now) : start(login_->result(), now);
        case iscsi::LoginState::redirected:
            return redirected(now);
        case iscsi::LoginState::retry_with_md5:
            md5_alone_ = same_address_ = true;
            if (!std::exchange(md5_told_, true)) {
                note(portal_.to_string() + " takes no list of CHAP algorithms; trying MD5 alone");
            }
            return attempt_at(plan::Portal(portal_), now);
        case iscsi::LoginState::failed:
            return refused(
                session::describe(login_->failure(), session::login_settings(account_)).what, now);
    }
}

void Recovery::redirected(Moment now) {
    const auto next = redirections_.follow(login_->redirection());
    if (!next) return refused(next.error(), now);
    if (const auto line = redirections_.told(portal_, *next, now)) note(*line);
    attempt_at(*next, now);
}

void Recovery::start(const iscsi::LoginResult& result, Moment now) {
    proved_ = !account_.mutual_chap || result.target_proved;
    act(Start{result});
    state_ = State::starting;
    await_answer(now);
}

void Recovery::await_answer(Moment now) {
    const Milliseconds patience = ways_.patience();
    if (!login_by_) login_by_ = now + answers_a_login_may_take * patience;
    asked_at_ = now;
    deadline_ = std::min(now + patience, *login_by_);
}

void Recovery::begin_asking(Moment now) {
    act(UseDigests{login_->result().digests()});
    state_ = State::reserving;
    ask(tried_lun_ ? iscsi::Intent::use : iscsi::Intent::claim, login_->result(), now);
}

void Recovery::ask(iscsi::Intent intent, const iscsi::LoginResult& login, Moment now) {
    const bool tries_out = intent == iscsi::Intent::use;
    tasks_.reset();
    asked_for_ = intent;
    claim_.emplace(tries_out ? 0 : hold_->key, intent);
    tasks_ = std::make_unique<iscsi::TaskClient>(login, tries_out ? *tried_lun_ : hold_->lun,
                                                 *claim_, kernel_cmd_sn_);
    go_on_with_asking(now);
}

void Recovery::go_on_with_asking(Moment now) {
    while (const auto pdu = tasks_->next_pdu()) {
        act(send_pdu(*pdu));
        await_answer(now);
    }
    if (tasks_->state() == iscsi::TaskState::failed) {
        return refused(session::describe(tasks_->failure()).what, now);
    }
    if (tasks_->state() != iscsi::TaskState::finished) return;
    switch (claim_->state()) {
        case iscsi::ClaimState::done:
            return on_claimed(now);
        case iscsi::ClaimState::in_use:
            return give_up(session::describe(claim_->failure()).what);
        default:
            return refused(session::describe(claim_->failure()).what, now);
    }
}

/// The kernel's turn comes with its CmdSN.
void Recovery::on_claimed(Moment now) {
    if (hold_ && asked_for_ == iscsi::Intent::use) {
        return ask(iscsi::Intent::claim, tasks_->result(), now);
    }
    if (tasks_->fill_up() != iscsi::TaskState::finished) return go_on_with_asking(now);
    act(Bind{});
    start(tasks_->result(), now);
}

void Recovery::forget_login() {
    tasks_.reset();
    claim_.reset();
    login_.reset();
}

}  // namespace bootwire::keeper
