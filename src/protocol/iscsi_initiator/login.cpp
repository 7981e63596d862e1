#include "iscsi_initiator/login.h"

#include <algorithm>

namespace bootwire::iscsi {

namespace {

constexpr uint8_t class_redirection = 1;
constexpr uint8_t class_initiator_error = 2;
constexpr uint8_t detail_moved_permanently = 2;

}  // namespace

LoginClient::LoginClient(const LoginRequest& request, LoginBuffers buffers)
    : request_(request),
      received_(buffers.received),
      writer_(buffers.to_send.first(std::min(buffers.to_send.size(), login_data_length))),
      negotiation_(Role::initiator, request.session_type, request.operational),
      chap_(request.chap.value_or(ChapCredentials{}), request.mutual_chap, request.chap_algorithms,
            request.random),
      tsih_(request.tsih) {
    if (!request_is_complete()) {
        fail(LoginProblem::request_incomplete);
    } else if (const auto problem = chap_.check_secrets(); problem != ChapProblem::none) {
        fail_chap(problem);
    } else {
        write_first_request();
    }
}

bool LoginClient::request_is_complete() const {
    const bool named =
        !request_.initiator_name.empty() &&
        (request_.session_type == SessionType::discovery || !request_.target_name.empty());
    const bool can_prove = !request_.chap || !request_.chap_algorithms.empty();
    return named && can_prove && (request_.chap || !request_.mutual_chap);
}

void LoginClient::write_first_request() {
    writer_.add("InitiatorName", request_.initiator_name);
    if (!request_.initiator_alias.empty()) writer_.add("InitiatorAlias", request_.initiator_alias);
    if (request_.session_type == SessionType::discovery) {
        writer_.add("SessionType", "Discovery");
    } else {
        writer_.add("SessionType", "Normal");
        writer_.add("TargetName", request_.target_name);
    }
    if (!request_.chap) {
        writer_.add("AuthMethod", "None");
        send(true, Stage::operational);
    } else {
        writer_.add("AuthMethod", request_.mutual_chap ? "CHAP" : "CHAP,None");
        send(false, Stage::security);
    }
}

LoginState LoginClient::send(bool transit, Stage next) {
    if (writer_.overflowed()) return fail(LoginProblem::request_too_long);
    LoginRequestPdu pdu;
    pdu.transit = transit;
    pdu.current = stage_;
    pdu.next = transit ? next : Stage::security;
    pdu.isid = request_.isid;
    pdu.tsih = tsih_;
    pdu.task_tag = request_.task_tag;
    pdu.cid = request_.cid;
    pdu.cmd_sn = request_.cmd_sn;
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

LoginState LoginClient::connection_closed() {
    if (state_ != LoginState::sending && state_ != LoginState::receiving) return state_;
    if (list_may_be_the_cause()) return state_ = LoginState::retry_with_md5;
    return fail(LoginProblem::connection_closed);
}

LoginState LoginClient::connection_unreadable(FrameState) {
    return fail(LoginProblem::frame_too_long);  // there are no digests yet
}

LoginState LoginClient::receive_pdu(const PduView& pdu) {
    if (state_ != LoginState::receiving) return state_;
    if (const auto reject = RejectPdu::decode(pdu.bhs)) {
        if (list_may_be_the_cause()) return state_ = LoginState::retry_with_md5;
        failure_.reject_reason = reject->reason;
        return fail(LoginProblem::rejected);
    }
    const auto response = LoginResponsePdu::decode(pdu.bhs);
    if (!response) {
        failure_.opcode = opcode_of(pdu.bhs);
        return fail(LoginProblem::unexpected_pdu);
    }
    if (++responses_ > max_login_responses) return fail(LoginProblem::too_many_responses);
    if (!request_.numbers_stamped_elsewhere && response->task_tag != request_.task_tag) {
        return fail(LoginProblem::wrong_task_tag);
    }
    if (response->status_class != 0) return on_status(*response, pdu.data);
    return on_response(*response, pdu.data);
}

LoginState LoginClient::on_status(const LoginResponsePdu& response, Bytes data) {
    failure_.status_class = response.status_class;
    failure_.status_detail = response.status_detail;
    if (response.status_class != class_redirection) {
        if (response.status_class == class_initiator_error &&
            (list_may_be_the_cause() || number_may_be_the_cause(response.status_detail))) {
            return state_ = LoginState::retry_with_md5;
        }
        return fail(LoginProblem::refused);
    }
    TextKeyReader pairs(data);
    while (const auto pair = pairs.next()) {
        if (pair->key != "TargetAddress") continue;
        const auto address = TargetAddress::parse(pair->value);
        if (!address) {
            failure_.value.assign_cut(pair->value);
            return fail(LoginProblem::redirection_malformed);
        }
        redirection_ = {*address, response.status_detail == detail_moved_permanently};
        return state_ = LoginState::redirected;
    }
    return fail(LoginProblem::redirection_without_address);
}

LoginState LoginClient::on_response(const LoginResponsePdu& response, Bytes data) {
    if (response.version_active != 0) return fail(LoginProblem::unsupported_version);
    const bool asked = transit_asked_ || !response.transit;
    const Stage next = stage_ == Stage::security ? Stage::operational : Stage::full_feature;
    if (response.current != stage_ || !asked || (response.transit && response.next != next) ||
        (response.transit && response.continues)) {
        return fail(LoginProblem::wrong_stage);
    }
    // Section 4.2.2.2: any StatSN begins the count; it is the target's to give.
    result_.exp_stat_sn = response.stat_sn + 1;
    result_.exp_cmd_sn = response.exp_cmd_sn;
    result_.max_cmd_sn = response.max_cmd_sn;
    result_.tsih = response.tsih;
    if (!received_.append(data)) {
        failure_.text = TextProblem::too_much_text;
        return fail(LoginProblem::malformed_text);
    }
    writer_.clear();
    // The empty request that asks for the rest repeats whether this side is ready to go on.
    if (response.continues) return send(transit_asked_, next);
    return on_text(response.transit);
}

LoginState LoginClient::on_text(bool transit) {
    const LoginState state =
        stage_ == Stage::security ? on_security_keys(transit) : on_operational_keys(transit);
    received_.clear();
    return state;
}

LoginState LoginClient::on_security_keys(bool transit) {
    TextKeyReader pairs(received_.text());
    while (const auto pair = pairs.next()) {
        if (on_security_pair(*pair) != LoginState::receiving) return state_;
    }
    if (pairs.problem() != TextProblem::none) {
        failure_.text = pairs.problem();
        return fail(LoginProblem::malformed_text);
    }
    if (authentication_ == Authentication::method_offered) {
        // A target that goes on at once has accepted the only method offered.
        if (!transit) return fail(LoginProblem::no_authentication_answer);
        authentication_ = Authentication::done;
    } else if (authentication_ == Authentication::chap) {
        if (!offer_sent_) {
            offer_sent_ = true;
            chap_.write_offer(writer_);
            return send(false, Stage::security);
        }
        const bool was_answered = chap_.answered();
        if (const auto problem = chap_.act(writer_); problem != ChapProblem::none) {
            return fail_chap(problem);
        }
        if (chap_.done()) authentication_ = Authentication::done;
        if (!was_answered) return send(true, Stage::operational);
    }
    return after_authentication(transit);
}

LoginState LoginClient::after_authentication(bool transit) {
    return transit ? enter_operational_stage() : send(true, Stage::operational);
}

LoginState LoginClient::on_security_pair(TextPair pair) {
    if (pair.key == "AuthMethod") return on_authentication_method(pair);
    if (pair.key == "TargetAddress") return state_;
    if (pair.key.starts_with("CHAP_")) {
        const auto problem = authentication_ == Authentication::chap && offer_sent_
                                 ? chap_.receive(pair)
                                 : ChapProblem::unexpected_key;
        failure_.key.assign_cut(pair.key);
        return problem == ChapProblem::none ? state_ : fail_chap(problem);
    }
    const auto problem = negotiation_.receive(pair, writer_);
    return problem == KeyProblem::none ? state_ : fail_key(problem, pair);
}

LoginState LoginClient::on_authentication_method(TextPair pair) {
    if (method_answered_) return fail_key(KeyProblem::repeated, pair);
    method_answered_ = true;
    if (pair.value == "None" && !request_.mutual_chap) {
        authentication_ = Authentication::done;
        return state_;
    }
    if (pair.value == "CHAP" && request_.chap) {
        authentication_ = Authentication::chap;
        return state_;
    }
    failure_.value.assign_cut(pair.value);
    return fail(pair.value == "CHAP" || (pair.value == "Reject" && !request_.chap)
                    ? LoginProblem::credentials_needed
                    : LoginProblem::authentication_not_offered);
}

LoginState LoginClient::enter_operational_stage() {
    stage_ = Stage::operational;
    negotiation_.write_offers(writer_);
    return send(true, Stage::full_feature);
}

LoginState LoginClient::on_operational_keys(bool transit) {
    TextKeyReader pairs(received_.text());
    while (const auto pair = pairs.next()) {
        if (pair->key == "TargetAddress") continue;
        const auto problem = negotiation_.receive(*pair, writer_);
        if (problem != KeyProblem::none) return fail_key(problem, *pair);
    }
    if (pairs.problem() != TextProblem::none) {
        failure_.text = pairs.problem();
        return fail(LoginProblem::malformed_text);
    }
    return transit ? finish() : send(true, Stage::full_feature);
}

LoginState LoginClient::finish() {
    std::string_view key;
    if (const auto problem = negotiation_.finish(key); problem != KeyProblem::none) {
        return fail_key(problem, {key, {}});
    }
    if (result_.tsih == 0 && request_.session_type == SessionType::normal) {
        return fail(LoginProblem::no_session_handle);
    }
    result_.parameters = negotiation_.result();
    result_.cmd_sn = request_.cmd_sn;
    if (offer_sent_) result_.chap_algorithm = chap_.algorithm();
    result_.target_proved = chap_.target_proved();
    return state_ = LoginState::finished;
}

/// A list of algorithms went out, and no challenge has come since.
bool LoginClient::list_may_be_the_cause() const {
    return offer_sent_ && !chap_.challenged() && request_.chap_algorithms.size() > 1;
}

/// tgt means SHA-1 by 7, which is SHA-256 everywhere else: it finds the answer too long, and says
/// "initiator error", not "authentication failure".
bool LoginClient::number_may_be_the_cause(uint8_t status_detail) const {
    return status_detail == 0 && offer_sent_ && chap_.challenged() &&
           chap_.algorithm() == ChapAlgorithm::sha256 && stage_ == Stage::security &&
           request_.chap_algorithms.size() > 1;
}

LoginState LoginClient::fail(LoginProblem problem) {
    failure_.problem = problem;
    return state_ = LoginState::failed;
}

LoginState LoginClient::fail_key(KeyProblem problem, TextPair pair) {
    failure_.key_problem = problem;
    failure_.key.assign_cut(pair.key);
    failure_.value.assign_cut(pair.value);
    return fail(LoginProblem::bad_key);
}

LoginState LoginClient::fail_chap(ChapProblem problem) {
    const bool list_refused =
        problem == ChapProblem::algorithm_refused || problem == ChapProblem::incomplete;
    if (list_refused && list_may_be_the_cause()) return state_ = LoginState::retry_with_md5;
    failure_.chap_problem = problem;
    return fail(LoginProblem::chap);
}

}  // namespace bootwire::iscsi
