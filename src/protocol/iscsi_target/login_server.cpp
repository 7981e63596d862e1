// The stages of a login, in their order.
#include "iscsi_target/login_server.h"

#include "base/secret.h"

namespace bootwire::iscsi {

namespace {

using State = LoginServerState;

/// Section 9.2.1 forbids it: who asks for the one proof has the other.
bool has_one_secret(const Admission& admission) {
    return admission.chap && admission.mutual_chap &&
           equal_in_constant_time(bytes_of(admission.chap->secret),
                                  bytes_of(admission.mutual_chap->secret));
}

}  // namespace

LoginServer::LoginServer(const LoginServerSettings& settings, LoginServerStorage& storage)
    : settings_(settings),
      received_(storage.received),
      writer_(storage.to_send),
      stat_sn_(settings.first_stat_sn) {}

LoginServerState LoginServer::receive_pdu(const PduView& pdu) {
    if (state_ != State::receiving) return state_;
    const auto request = LoginRequestPdu::decode(pdu.bhs);
    if (!request || ++requests_ > max_login_requests) return state_ = State::broken;
    writer_.clear();
    const bool first = requests_ == 1;
    if (first) request_ = *request;
    if (!(first ? begins_well(*request) : goes_on_well(*request))) return state_;
    request_ = *request;
    if (!received_.append(pdu.data)) return respond_with(login_status::out_of_resources);
    if (request->continues) return respond(false);
    return step_ == Step::identity ? identify() : on_text();
}

LoginServerState LoginServer::admit(const Admission& admission) {
    if (state_ != State::identified) return state_;
    state_ = State::receiving;
    admission_ = admission;
    if (admission.status != login_status::success) {
        if (!admission.address.empty()) writer_.add("TargetAddress", admission.address);
        return respond_with(admission.status);
    }
    negotiation_.emplace(Role::target, identity_.session_type, admission.operational);
    if (has_one_secret(admission)) return respond_with(login_status::target_error);
    if (admission.chap) {
        chap_.emplace(*admission.chap, admission.mutual_chap, admission.chap_algorithms,
                      admission.random);
    } else if (!admission.without_authentication) {
        return respond_with(login_status::authentication_failed);
    }
    step_ = Step::security;
    if (request_.current == Stage::operational) {
        // Who leaves the security stage out proves nothing.
        if (chap_) return respond_with(login_status::authentication_failed);
        step_ = Step::operational;
    }
    return on_text();
}

LoginServerState LoginServer::on_text() {
    has_chap_pair_ = false;
    state_target();
    TextKeyReader pairs(received_.text());
    while (const auto pair = pairs.next()) {
        if (!take_pair(*pair)) return state_;
    }
    if (pairs.problem() != TextProblem::none) return respond_with(login_status::initiator_error);
    negotiation_->end_of_text(writer_);
    return step_ == Step::operational ? on_operational() : on_security();
}

/// Section 13.9: with the first response to who has named the target.
void LoginServer::state_target() {
    if (stated_ || identity_.session_type != SessionType::normal) return;
    stated_ = true;
    writer_.add("TargetPortalGroupTag", admission_.portal_group_tag);
    if (!admission_.alias.empty()) writer_.add("TargetAlias", admission_.alias);
}

bool LoginServer::take_pair(TextPair pair) {
    if (is_identity(pair.key)) return take_identity_pair(pair);
    if (pair.key.starts_with("CHAP_")) return take_chap_pair(pair);
    if (pair.key == "AuthMethod") return take_method(pair.value);
    return take_operational_pair(pair);
}

bool LoginServer::take_method(std::string_view offer) {
    if (step_ != Step::security) {
        respond_with(login_status::initiator_error);
        return false;
    }
    const std::string_view wanted = chap_ ? "CHAP" : "None";
    if (!list_contains(offer, wanted)) {
        respond_with(login_status::authentication_failed);
        return false;
    }
    writer_.add("AuthMethod", wanted);
    step_ = chap_ ? Step::chap : Step::proved;
    return true;
}

bool LoginServer::take_chap_pair(TextPair pair) {
    const auto problem = step_ == Step::chap ? chap_->receive(pair) : ChapProblem::unexpected_key;
    has_chap_pair_ = true;
    if (problem == ChapProblem::none) return true;
    fail_chap(problem);
    return false;
}

bool LoginServer::take_operational_pair(TextPair pair) {
    if (negotiation_->receive(pair, writer_) == KeyProblem::none) return true;
    respond_with(login_status::initiator_error);
    return false;
}

LoginServerState LoginServer::on_security() {
    if (step_ == Step::chap && has_chap_pair_) {
        if (const auto problem = chap_->act(writer_); problem != ChapProblem::none) {
            return fail_chap(problem);
        }
        if (chap_->done()) {
            step_ = Step::proved;
            result_.chap_algorithm = chap_->algorithm();
            result_.proved_to_initiator = chap_->proved();
        }
    }
    // Without a method the only one is None (section 6.2.2), if that is enough.
    if (step_ == Step::security && request_.transit) {
        if (chap_) return respond_with(login_status::authentication_failed);
        step_ = Step::proved;
    }
    return step_ == Step::proved && request_.transit ? leave_security() : respond(false);
}

LoginServerState LoginServer::leave_security() {
    if (request_.next == Stage::full_feature) return finish();
    step_ = Step::operational;
    return respond(true);
}

/// Offers of this side have to be answered before the stage can end.
LoginServerState LoginServer::on_operational() {
    if (negotiation_->write_offers(writer_) || !request_.transit) return respond(false);
    return finish();
}

LoginServerState LoginServer::finish() {
    std::string_view key;
    if (negotiation_->finish(key) != KeyProblem::none) {
        return respond_with(login_status::initiator_error);
    }
    result_.parameters = negotiation_->result();
    return state_ = State::complete;
}

LoginServerState LoginServer::begin_session(uint16_t tsih) {
    if (state_ != State::complete) return state_;
    LoginResponsePdu last = response();
    last.transit = true;
    last.next = Stage::full_feature;
    last.tsih = result_.tsih = tsih;
    result_.cid = identity_.cid;
    result_.exp_cmd_sn = last.exp_cmd_sn;
    result_.max_cmd_sn = last.max_cmd_sn;
    return send(last, State::finished);
}

}  // namespace bootwire::iscsi
