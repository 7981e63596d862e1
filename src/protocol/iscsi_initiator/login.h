// The initiator's login (RFC 7143 sections 6 and 11.12–11.13): security and operational stage,
// CHAP, redirection. It owns no socket and no memory: PDUs in, PDUs out.
//
//     LoginStorage storage;
//     LoginClient login(settings, storage.buffers());
//     while (login.state() == LoginState::sending || login.state() == LoginState::receiving) {
//         if (const auto pdu = login.next_pdu()) send it;
//         login.receive_pdu(the next one that comes);
//     }
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "iscsi/frame.h"
#include "iscsi/target_address.h"
#include "iscsi_initiator/login_failure.h"
#include "iscsi_initiator/login_settings.h"

namespace bootwire::iscsi {

/// Where a LoginClient keeps its bytes.
struct LoginBuffers {
    MutableBytes received;  ///< text; max_text_length by section 6.1
    MutableBytes to_send;   ///< text; login_data_length
};

/// The sizes that the RFC asks for.
struct LoginStorage {
    std::array<uint8_t, max_text_length> received;
    std::array<uint8_t, login_data_length> to_send;

    LoginBuffers buffers() { return {received, to_send}; }
};

enum class LoginState : uint8_t {
    sending,         ///< a PDU waits to be sent: next_pdu()
    receiving,       ///< a response is awaited
    finished,        ///< full feature phase: result()
    redirected,      ///< connect to redirection().address and log in there
    retry_with_md5,  ///< the target does not take lists of CHAP algorithms (LIO of kernels before
                     ///< 3.15, old Synology) or mistakes SHA-256 for another one (tgt): connect
                     ///< again with chap_algorithms = md5_alone
    failed,          ///< failure()
};

struct LoginResult {
    OperationalParameters parameters;
    uint16_t tsih = 0;
    uint32_t cmd_sn = 0;       ///< of the next command
    uint32_t exp_stat_sn = 0;  ///< of the next request
    uint32_t exp_cmd_sn = 0;
    uint32_t max_cmd_sn = 0;
    std::optional<ChapAlgorithm> chap_algorithm;  ///< nothing if the target asked for no proof
    bool target_proved = false;                   ///< mutual CHAP
    bool miscounted = false;    ///< by the target: a StatSN that does not follow the one before
    bool unterminated = false;  ///< the last pair of one of its texts had no zero byte
    /// What the target offered in its last response, where section 6.3.1 forbids it, since nothing
    /// can be answered any more; the default holds. Unchecked: printable() before showing it.
    FixedText<max_key_length> unanswered_key;

    /// Of all PDUs from now on.
    Digests digests() const { return {parameters.header_digest, parameters.data_digest}; }
};

struct LoginRedirection {
    TargetAddress address;
    bool permanent = false;
};

class LoginClient {
  public:
    LoginClient(const LoginSettings& settings, LoginBuffers buffers);
    LoginClient(const LoginClient&) = delete;
    LoginClient& operator=(const LoginClient&) = delete;

    LoginState state() const { return state_; }

    /// The PDU to send, once, as header and data without padding; nothing unless `sending`. Valid
    /// until the next receive.
    std::optional<PduView> next_pdu();
    /// Takes a received PDU. After the last response, whatever follows belongs to the full feature
    /// phase.
    LoginState receive_pdu(const PduView& pdu);
    /// The peer has closed the connection.
    LoginState connection_closed();
    /// What comes on the connection cannot be taken for PDUs.
    LoginState connection_unreadable(FrameState why);

    const LoginResult& result() const { return result_; }
    const LoginRedirection& redirection() const { return redirection_; }
    const LoginFailure& failure() const { return failure_; }

  private:
    /// Where the login is. The first three are the RFC's SecurityNegotiation.
    enum class Step : uint8_t {
        security,  ///< methods are on offer
        chap,      ///< CHAP is chosen, and not over
        proved,    ///< neither side asks for more proof
        operational,
    };
    enum class Method : uint8_t { unanswered, none, chap };
    using TakePair = bool (LoginClient::*)(TextPair);

    // The stages in their order (login.cpp). transit: the target goes on to the next one.
    LoginState begin_security();
    std::string_view methods() const;
    LoginState on_text(bool transit);
    LoginState on_security(bool transit);
    LoginState begin_chap();
    LoginState on_chap(bool transit);
    LoginState on_proved(bool transit);
    LoginState leave_security(bool transit);
    LoginState begin_operational();
    LoginState on_operational(bool transit);
    LoginState begin_full_feature();
    bool is_to_be_asked_again(bool transit);
    bool take_security_pair(TextPair pair);
    bool take_method(TextPair pair);
    bool take_chap_pair(TextPair pair);
    bool take_operational_pair(TextPair pair);
    bool take_other_pair(TextPair pair);

    // What all stages have in common (login_exchange.cpp).
    bool settings_are_complete() const;
    bool is_over() const;
    Stage stage() const;
    Stage next_stage() const;
    LoginState ask() { return send(false); }
    LoginState ask_to_go_on() { return send(true); }
    LoginState send(bool transit);
    std::optional<LoginResponsePdu> response_in(const PduView& pdu);
    bool fits(const LoginResponsePdu& response);
    void note_numbers(const LoginResponsePdu& response);
    bool take_each(TakePair take);
    LoginState on_status(const LoginResponsePdu& response, Bytes data);
    LoginState redirect(uint8_t detail, Bytes data);
    bool list_may_be_the_cause() const;
    bool number_may_be_the_cause(uint8_t status_detail) const;
    LoginState fail(LoginProblem problem);
    LoginState fail_or_blame_list(LoginProblem problem);
    LoginState fail_text(TextProblem problem);
    LoginState fail_key(KeyProblem problem, TextPair pair);
    LoginState fail_chap(ChapProblem problem);

    LoginSettings settings_;
    Bhs header_{};
    TextKeyWriter writer_;
    TextAssembler received_;
    Negotiation negotiation_;
    ChapInitiator chap_;
    LoginState state_ = LoginState::sending;
    Step step_ = Step::security;
    Method method_ = Method::unanswered;
    bool transit_asked_ = false;
    int responses_ = 0;
    int idle_responses_ = 0;
    bool has_security_pair_ = false;  ///< in the text at hand
    LoginResult result_;
    LoginRedirection redirection_;
    LoginFailure failure_;
};

}  // namespace bootwire::iscsi
