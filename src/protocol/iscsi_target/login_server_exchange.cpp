// What all stages of a login have in common: what a request must be like, who it is from, and how
// it is answered.
#include "iscsi_target/login_server.h"

namespace bootwire::iscsi {

namespace {

using State = LoginServerState;

constexpr uint8_t version = 0;

/// Section 11.12.1 to 11.12.3.
bool has_sound_stages(const LoginRequestPdu& request) {
    const bool current_exists =
        request.current == Stage::security || request.current == Stage::operational;
    if (!current_exists || (request.transit && request.continues)) return false;
    return !request.transit || (request.next > request.current && request.next != Stage::reserved);
}

}  // namespace

bool LoginServer::is_over() const {
    return state_ == State::finished || state_ == State::refused || state_ == State::broken;
}

LoginServerState LoginServer::on_time(Moment now) {
    if (!is_over() && now >= settings_.deadline) state_ = State::broken;
    return state_;
}

bool LoginServer::begins_well(const LoginRequestPdu& request) {
    if (request.version_min > version) {
        respond_with(login_status::unsupported_version);
    } else if (!has_sound_stages(request)) {
        respond_with(login_status::invalid_request);
    }
    return is_answering();
}

/// The stage is the one that both agreed to be in, and what names the session stays as it was.
bool LoginServer::goes_on_well(const LoginRequestPdu& request) {
    const Stage stage = step_ == Step::identity      ? request_.current
                        : step_ == Step::operational ? Stage::operational
                                                     : Stage::security;
    if (!has_sound_stages(request) || request.current != stage || !is_consistent(request)) {
        respond_with(login_status::invalid_request);
    }
    return is_answering();
}

bool LoginServer::is_consistent(const LoginRequestPdu& request) {
    return request.isid == request_.isid && request.tsih == request_.tsih &&
           request.cid == request_.cid && request.task_tag == request_.task_tag &&
           request.cmd_sn == request_.cmd_sn;
}

/// Section 6.1 and 13: the first text names the initiator, and its target.
LoginServerState LoginServer::identify() {
    identity_.isid = request_.isid;
    identity_.tsih = request_.tsih;
    identity_.cid = request_.cid;
    TextKeyReader pairs(received_.text());
    while (const auto pair = pairs.next()) {
        if (is_identity(pair->key) && !take_identity_pair(*pair)) return state_;
    }
    if (pairs.problem() != TextProblem::none) return respond_with(login_status::initiator_error);
    const bool is_normal = identity_.session_type == SessionType::normal;
    if (identity_.initiator_name.empty() || (is_normal && identity_.target_name.empty())) {
        return respond_with(login_status::missing_parameter);
    }
    return state_ = State::identified;
}

bool LoginServer::is_identity(std::string_view key) const {
    return key == "InitiatorName" || key == "TargetName" || key == "SessionType";
}

/// They are said once, or again as before.
bool LoginServer::take_identity_pair(TextPair pair) {
    if (pair.key == "SessionType") {
        const bool discovery = pair.value == "Discovery";
        if (!discovery && pair.value != "Normal") {
            respond_with(login_status::unsupported_session_type);
            return false;
        }
        const auto type = discovery ? SessionType::discovery : SessionType::normal;
        if ((has_session_type_ || step_ != Step::identity) && type != identity_.session_type) {
            respond_with(login_status::initiator_error);
            return false;
        }
        has_session_type_ = true;
        identity_.session_type = type;
        return true;
    }
    auto& name = pair.key == "TargetName" ? identity_.target_name : identity_.initiator_name;
    const bool changes = !name.empty() && name.view() != pair.value;
    if (changes || !check_name(pair.value).ok()) {
        respond_with(login_status::initiator_error);
        return false;
    }
    return name.assign(pair.value);
}

LoginResponsePdu LoginServer::response() const {
    LoginResponsePdu response;
    response.current = request_.current;
    response.version_max = response.version_active = version;
    response.isid = request_.isid;
    response.tsih = request_.tsih;
    response.task_tag = request_.task_tag;
    // A login request is immediate: the first command has its number.
    response.exp_cmd_sn = request_.cmd_sn;
    response.max_cmd_sn = request_.cmd_sn + settings_.command_window - 1;
    return response;
}

LoginServerState LoginServer::respond(bool transit) {
    if (writer_.overflowed()) return respond_with(login_status::out_of_resources);
    LoginResponsePdu pdu = response();
    pdu.transit = transit;
    pdu.next = transit ? request_.next : Stage::security;
    return send(pdu, State::receiving);
}

LoginServerState LoginServer::respond_with(LoginStatus status) {
    if (status.status_class != login_status::moved_permanently.status_class) writer_.clear();
    LoginResponsePdu pdu = response();
    pdu.status_class = status.status_class;
    pdu.status_detail = status.detail;
    status_ = status;
    return send(pdu, State::refused);
}

LoginServerState LoginServer::fail_chap(ChapProblem problem) {
    chap_problem_ = problem;
    return respond_with(login_status::authentication_failed);
}

LoginServerState LoginServer::send(const LoginResponsePdu& response, LoginServerState then) {
    LoginResponsePdu numbered = response;
    numbered.stat_sn = stat_sn_++;
    result_.stat_sn = stat_sn_;
    header_ = numbered.encode();
    set_data_length(header_, static_cast<uint32_t>(writer_.bytes().size()));
    if (!request_.continues) received_.clear();
    then_ = then;
    return state_ = State::sending;
}

std::optional<PduView> LoginServer::next_pdu() {
    if (state_ != State::sending) return std::nullopt;
    state_ = then_;
    return PduView{header_, writer_.bytes()};
}

}  // namespace bootwire::iscsi
