// What all stages of a login have in common: how a request is made, what a response must be like,
// and how it ends otherwise than in the full feature phase.
#include "iscsi_initiator/login.h"

namespace bootwire::iscsi {

namespace {

constexpr uint8_t class_redirection = 1;
constexpr uint8_t class_initiator_error = 2;
constexpr uint8_t detail_moved_permanently = 2;

}  // namespace

bool LoginClient::settings_are_complete() const {
    const bool named =
        !settings_.initiator_name.empty() &&
        (settings_.session_type == SessionType::discovery || !settings_.target_name.empty());
    const bool can_prove = !settings_.chap || !settings_.chap_algorithms.empty();
    return named && can_prove && (settings_.chap || !settings_.mutual_chap);
}

Stage LoginClient::stage() const {
    return step_ == Step::operational ? Stage::operational : Stage::security;
}

Stage LoginClient::next_stage() const {
    return step_ == Step::operational ? Stage::full_feature : Stage::operational;
}

LoginState LoginClient::send(bool transit) {
    if (writer_.overflowed()) return fail(LoginProblem::request_too_long);
    LoginRequestPdu pdu;
    pdu.transit = transit;
    pdu.current = stage();
    pdu.next = transit ? next_stage() : Stage::security;
    pdu.isid = settings_.isid;
    pdu.task_tag = settings_.task_tag;
    pdu.cmd_sn = settings_.cmd_sn;
    pdu.exp_stat_sn = result_.exp_stat_sn;
    header_ = pdu.encode();
    set_data_length(header_, static_cast<uint32_t>(writer_.bytes().size()));
    transit_asked_ = transit;
    return state_ = LoginState::sending;
}

std::optional<PduView> LoginClient::next_pdu() {
    if (state_ != LoginState::sending) return std::nullopt;
    state_ = LoginState::receiving;
    return PduView{header_, writer_.bytes()};
}

/// The Login Response that the PDU should be.
std::optional<LoginResponsePdu> LoginClient::response_in(const PduView& pdu) {
    if (const auto reject = RejectPdu::decode(pdu.bhs)) {
        failure_.reject_reason = reject->reason;
        fail_or_blame_list(LoginProblem::rejected);
        return std::nullopt;
    }
    const auto response = LoginResponsePdu::decode(pdu.bhs);
    if (!response) {
        failure_.opcode = opcode_of(pdu.bhs);
        fail(LoginProblem::unexpected_pdu);
        return std::nullopt;
    }
    if (++responses_ > max_login_responses) {
        fail(LoginProblem::too_many_responses);
        return std::nullopt;
    }
    if (!settings_.numbers_stamped_elsewhere && response->task_tag != settings_.task_tag) {
        fail(LoginProblem::wrong_task_tag);
        return std::nullopt;
    }
    return response;
}

/// Whether a successful response goes no further than the request.
bool LoginClient::fits(const LoginResponsePdu& response) {
    const bool asked = transit_asked_ || !response.transit;
    if (response.version_active != 0) {
        fail(LoginProblem::unsupported_version);
    } else if (response.isid != settings_.isid) {
        fail(LoginProblem::wrong_session);
    } else if (response.current != stage() || !asked ||
               (response.transit && response.next != next_stage()) ||
               (response.transit && response.continues)) {
        fail(LoginProblem::wrong_stage);
    }
    return state_ == LoginState::receiving;
}

/// Section 4.2.2.2: any StatSN begins the count; it is the target's to give. One that it does not
/// go on with is noted and no reason to end: NetBSD's target is said to count so (FreeBSD's
/// iscsid).
void LoginClient::note_numbers(const LoginResponsePdu& response) {
    if (responses_ > 1 && response.stat_sn != result_.exp_stat_sn) result_.miscounted = true;
    result_.exp_stat_sn = response.stat_sn + 1;
    result_.exp_cmd_sn = response.exp_cmd_sn;
    result_.max_cmd_sn = response.max_cmd_sn;
    result_.tsih = response.tsih;
}

/// Hands the pairs of the received text on, until one ends the login.
bool LoginClient::take_each(TakePair take) {
    TextKeyReader pairs(received_.text());
    while (const auto pair = pairs.next()) {
        if (!(this->*take)(*pair)) return false;
    }
    negotiation_.end_of_text(writer_);
    if (pairs.unterminated()) result_.unterminated = true;
    if (pairs.problem() != TextProblem::none) fail_text(pairs.problem());
    return pairs.problem() == TextProblem::none;
}

/// Section 11.13.5.
LoginState LoginClient::on_status(const LoginResponsePdu& response, Bytes data) {
    failure_.status_class = response.status_class;
    failure_.status_detail = response.status_detail;
    if (response.status_class == class_redirection) return redirect(response.status_detail, data);
    if (response.status_class == class_initiator_error &&
        (list_may_be_the_cause() || number_may_be_the_cause(response.status_detail))) {
        return state_ = LoginState::retry_with_md5;
    }
    return fail(LoginProblem::refused);
}

LoginState LoginClient::redirect(uint8_t detail, Bytes data) {
    TextKeyReader pairs(data);
    while (const auto pair = pairs.next()) {
        if (pair->key != "TargetAddress") continue;
        const auto address = TargetAddress::parse(pair->value);
        if (!address) {
            failure_.value.assign_cut(pair->value);
            return fail(LoginProblem::redirection_malformed);
        }
        redirection_ = {*address, detail == detail_moved_permanently};
        return state_ = LoginState::redirected;
    }
    return fail(LoginProblem::redirection_without_address);
}

bool LoginClient::is_over() const {
    return state_ != LoginState::sending && state_ != LoginState::receiving;
}

LoginState LoginClient::connection_closed() {
    if (is_over()) return state_;
    return fail_or_blame_list(LoginProblem::connection_closed);
}

LoginState LoginClient::connection_unreadable(FrameState) {
    return is_over() ? state_ : fail(LoginProblem::frame_too_long);  // there are no digests yet
}

/// A list of algorithms went out, and no challenge has come since.
bool LoginClient::list_may_be_the_cause() const {
    return step_ == Step::chap && !chap_.answered() && settings_.chap_algorithms.size() > 1;
}

/// tgt means SHA-1 by 7, which is SHA-256 everywhere else: it finds the answer too long, and says
/// "initiator error", not "authentication failure".
bool LoginClient::number_may_be_the_cause(uint8_t status_detail) const {
    return status_detail == 0 && stage() == Stage::security && chap_.answered() &&
           chap_.algorithm() == ChapAlgorithm::sha256 && settings_.chap_algorithms.size() > 1;
}

LoginState LoginClient::fail(LoginProblem problem) {
    failure_.problem = problem;
    return state_ = LoginState::failed;
}

LoginState LoginClient::fail_or_blame_list(LoginProblem problem) {
    return list_may_be_the_cause() ? state_ = LoginState::retry_with_md5 : fail(problem);
}

LoginState LoginClient::fail_text(TextProblem problem) {
    failure_.text = problem;
    return fail(LoginProblem::malformed_text);
}

LoginState LoginClient::fail_key(KeyProblem problem, TextPair pair) {
    failure_.key_problem = problem;
    failure_.key.assign_cut(pair.key);
    failure_.value.assign_cut(pair.value);
    return fail(LoginProblem::bad_key);
}

LoginState LoginClient::fail_chap(ChapProblem problem) {
    failure_.chap_problem = problem;
    const bool list_refused =
        problem == ChapProblem::algorithm_refused || problem == ChapProblem::incomplete;
    return list_refused ? fail_or_blame_list(LoginProblem::chap) : fail(LoginProblem::chap);
}

}  // namespace bootwire::iscsi
