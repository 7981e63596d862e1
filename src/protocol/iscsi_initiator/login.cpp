// The stages of a login, in their order.
#include "iscsi_initiator/login.h"

#include <algorithm>

namespace bootwire::iscsi {

LoginClient::LoginClient(const LoginSettings& settings, LoginBuffers buffers)
    : settings_(settings),
      writer_(buffers.to_send.first(std::min(buffers.to_send.size(), login_data_length))),
      received_(buffers.received),
      negotiation_(Role::initiator, settings.session_type, settings.operational),
      chap_(settings.chap.value_or(ChapCredentials{}), settings.mutual_chap,
            settings.chap_algorithms, settings.random) {
    if (!settings_are_complete()) {
        fail(LoginProblem::settings_incomplete);
    } else if (const auto problem = chap_.check_secrets(); problem != ChapProblem::none) {
        fail_chap(problem);
    } else {
        begin_security();
    }
}

LoginState LoginClient::begin_security() {
    writer_.add("InitiatorName", settings_.initiator_name);
    if (settings_.session_type == SessionType::discovery) {
        writer_.add("SessionType", "Discovery");
    } else {
        writer_.add("SessionType", "Normal");
        writer_.add("TargetName", settings_.target_name);
    }
    if (!settings_.chap) {
        writer_.add("AuthMethod", "None");
        return ask_to_go_on();
    }
    writer_.add("AuthMethod", methods());
    // A target that takes "None" may go on at once: LIO refuses who only then asks for it.
    const bool none_first =
        !settings_.mutual_chap && settings_.session_type == SessionType::discovery;
    return none_first ? ask_to_go_on() : ask();
}

/// What is offered to a target that may ask for a proof, the preferred one first. Servers have a
/// login of their own for discovery, and mostly none: LIO then takes CHAP all the same if that
/// comes first, and refuses whatever follows (so FreeBSD's iscsid has the order too). The disk's
/// own target gets CHAP first: one that lets everybody in may still know us by it.
std::string_view LoginClient::methods() const {
    if (settings_.mutual_chap) return "CHAP";
    return settings_.session_type == SessionType::discovery ? "None,CHAP" : "CHAP,None";
}

LoginState LoginClient::receive_pdu(const PduView& pdu) {
    if (state_ != LoginState::receiving) return state_;
    const auto response = response_in(pdu);
    if (!response) return state_;
    if (response->status_class != 0) return on_status(*response, pdu.data);
    if (!fits(*response)) return state_;
    note_numbers(*response);
    if (!received_.append(pdu.data)) return fail_text(TextProblem::too_much_text);
    writer_.clear();
    // The empty request that asks for the rest repeats whether this side is ready to go on.
    if (response->continues) return send(transit_asked_);
    has_security_pair_ = false;
    on_text(response->transit);
    received_.clear();
    return state_;
}

LoginState LoginClient::on_text(bool transit) {
    switch (step_) {
        case Step::security:
            return on_security(transit);
        case Step::chap:
            return on_chap(transit);
        case Step::proved:
            return on_proved(transit);
        case Step::operational:
            return on_operational(transit);
    }
    return state_;
}

/// Which method the target wants.
LoginState LoginClient::on_security(bool transit) {
    if (!take_each(&LoginClient::take_security_pair)) return state_;
    if (method_ == Method::chap) return begin_chap();
    if (method_ == Method::unanswered && is_to_be_asked_again(transit)) return send(transit_asked_);
    // A target that goes on at once has accepted the only method offered, which was "None".
    if (method_ == Method::unanswered && (!transit || settings_.chap)) {
        return fail(LoginProblem::no_authentication_answer);
    }
    return leave_security(transit);
}

LoginState LoginClient::begin_chap() {
    step_ = Step::chap;
    chap_.write_offer(writer_);
    return ask();
}

/// The target's challenge, which is answered; with mutual CHAP its own answer thereafter.
LoginState LoginClient::on_chap(bool transit) {
    if (!take_each(&LoginClient::take_security_pair)) return state_;
    if (is_to_be_asked_again(transit)) return send(transit_asked_);
    const bool was_answered = chap_.answered();
    if (const auto problem = chap_.act(writer_); problem != ChapProblem::none) {
        return fail_chap(problem);
    }
    if (chap_.done()) step_ = Step::proved;
    return was_answered ? leave_security(transit) : ask_to_go_on();
}

/// A target may take another round before it goes on.
LoginState LoginClient::on_proved(bool transit) {
    if (!take_each(&LoginClient::take_security_pair)) return state_;
    return leave_security(transit);
}

LoginState LoginClient::leave_security(bool transit) {
    step_ = Step::proved;
    return transit ? begin_operational() : ask_to_go_on();
}

/// A target that neither goes on nor says what is due may do so later (section 6.2).
bool LoginClient::is_to_be_asked_again(bool transit) {
    if (transit || has_security_pair_) return false;
    return ++idle_responses_ < max_idle_responses;
}

bool LoginClient::take_security_pair(TextPair pair) {
    const bool is_method = pair.key == "AuthMethod";
    if (!is_method && !pair.key.starts_with("CHAP_")) return take_other_pair(pair);
    has_security_pair_ = true;
    return is_method ? take_method(pair) : take_chap_pair(pair);
}

bool LoginClient::take_method(TextPair pair) {
    if (method_ != Method::unanswered) {
        fail_key(KeyProblem::repeated, pair);
    } else if (pair.value == "None" && !settings_.mutual_chap) {
        method_ = Method::none;
    } else if (pair.value == "CHAP" && settings_.chap) {
        method_ = Method::chap;
    } else {
        failure_.value.assign_cut(pair.value);
        fail(pair.value == "CHAP" || (pair.value == "Reject" && !settings_.chap)
                 ? LoginProblem::credentials_needed
                 : LoginProblem::authentication_not_offered);
    }
    return state_ == LoginState::receiving;
}

bool LoginClient::take_chap_pair(TextPair pair) {
    const auto problem = step_ == Step::chap ? chap_.receive(pair) : ChapProblem::unexpected_key;
    if (problem == ChapProblem::none) return true;
    failure_.key.assign_cut(pair.key);
    fail_chap(problem);
    return false;
}

LoginState LoginClient::begin_operational() {
    step_ = Step::operational;
    negotiation_.write_offers(writer_);
    return ask_to_go_on();
}

/// Answers to the offers, and the target's own offers, which are answered.
LoginState LoginClient::on_operational(bool transit) {
    if (!take_each(&LoginClient::take_operational_pair)) return state_;
    if (const auto answer = TextKeyReader(writer_.bytes()).next(); transit && answer) {
        result_.unanswered_key.assign_cut(answer->key);
    }
    return transit ? begin_full_feature() : ask_to_go_on();
}

/// The keys of the security stage come too late here.
bool LoginClient::take_operational_pair(TextPair pair) {
    if (pair.key == "AuthMethod") {
        fail_key(method_ == Method::unanswered ? KeyProblem::not_offered : KeyProblem::repeated,
                 pair);
        return false;
    }
    if (pair.key.starts_with("CHAP_")) return take_chap_pair(pair);
    return take_other_pair(pair);
}

/// A target may declare and offer during the security stage, too.
bool LoginClient::take_other_pair(TextPair pair) {
    if (pair.key == "TargetAddress") return true;
    const auto problem = negotiation_.receive(pair, writer_);
    if (problem == KeyProblem::none) return true;
    fail_key(problem, pair);
    return false;
}

LoginState LoginClient::begin_full_feature() {
    std::string_view key;
    if (const auto problem = negotiation_.finish(key); problem != KeyProblem::none) {
        return fail_key(problem, {key, {}});
    }
    if (result_.tsih == 0 && settings_.session_type == SessionType::normal) {
        return fail(LoginProblem::no_session_handle);
    }
    result_.parameters = negotiation_.result();
    result_.cmd_sn = settings_.cmd_sn;
    if (chap_.answered()) result_.chap_algorithm = chap_.algorithm();
    result_.target_proved = chap_.target_proved();
    return state_ = LoginState::finished;
}

}  // namespace bootwire::iscsi
