// The initiator's login (RFC 7143 sections 6 and 11.12–11.13): security and operational stage,
// CHAP, redirection. It owns no socket and no memory: PDUs in, PDUs out.
//
//     LoginStorage storage;
//     LoginClient login(request, storage.buffers());
//     while (login.state() == LoginState::sending || login.state() == LoginState::receiving) {
//         if (const auto pdu = login.next_pdu()) send it;
//         login.receive_pdu(the next one that comes);
//     }
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/fixed_text.h"
#include "iscsi/chap.h"
#include "iscsi/frame.h"
#include "iscsi/negotiation.h"
#include "iscsi/pdu.h"
#include "iscsi/target_address.h"
#include "iscsi/text_keys.h"

namespace bootwire::iscsi {

/// Responses, continued ones included, after which a login is given up.
inline constexpr int max_login_responses = 64;

/// What to log in to, as whom. The views must outlive the LoginClient.
struct LoginRequest {
    SessionType session_type = SessionType::normal;
    std::string_view initiator_name;
    std::string_view initiator_alias;  ///< left out if empty
    std::string_view target_name;      ///< only for a Normal session
    Isid isid;
    uint16_t tsih = 0;  ///< 0 makes a new session or reinstates the one with this name and ISID
    uint16_t cid = 0;
    uint32_t task_tag = 0;
    uint32_t cmd_sn = 1;
    /// Without: "None" is offered. With: "CHAP,None", so that a target that asks for no proof is
    /// fine too.
    std::optional<ChapCredentials> chap;
    /// What the target must prove; needs `chap`. Then "CHAP" alone is offered.
    std::optional<ChapCredentials> mutual_chap;
    std::span<const ChapAlgorithm> chap_algorithms = all_chap_algorithms;
    ChapRandom random;
    OperationalPreferences operational;
    /// Someone else (the kernel behind SEND_PDU) stamps task tag, CmdSN and ExpStatSN: the task tag
    /// of responses is then not checked.
    bool numbers_stamped_elsewhere = false;
};

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
    failed,          ///< failure(); describe() of login_error.h makes a sentence of it
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

    /// Of all PDUs from now on.
    Digests digests() const { return {parameters.header_digest, parameters.data_digest}; }
};

struct LoginRedirection {
    TargetAddress address;
    bool permanent = false;
};

enum class LoginProblem : uint8_t {
    none,
    request_incomplete,  ///< no initiator name, no target name, or mutual without own CHAP
    request_too_long,    ///< what is to be sent does not fit into one PDU
    refused,             ///< status_class and status_detail
    rejected,            ///< a Reject PDU: reject_reason
    connection_closed,   ///< before the login was over
    unexpected_pdu,      ///< opcode
    frame_too_long,
    wrong_task_tag,
    unsupported_version,
    wrong_stage,        ///< stage bits that do not fit the request
    no_session_handle,  ///< TSIH 0 in the last response
    malformed_text,     ///< text
    too_many_responses,
    bad_key,  ///< key, value, key_problem
    no_authentication_answer,
    authentication_not_offered,  ///< value
    credentials_needed,          ///< the target asks for CHAP, and there are no credentials
    chap,                        ///< chap_problem
    redirection_without_address,
    redirection_malformed,  ///< value
};

/// Why a login failed. Texts are the peer's and unchecked: printable() before showing them.
struct LoginFailure {
    LoginProblem problem = LoginProblem::none;
    uint8_t status_class = 0;
    uint8_t status_detail = 0;
    uint8_t reject_reason = 0;
    Opcode opcode{};
    TextProblem text = TextProblem::none;
    KeyProblem key_problem = KeyProblem::none;
    ChapProblem chap_problem = ChapProblem::none;
    FixedText<max_key_length> key;
    FixedText<64> value;
};

class LoginClient {
  public:
    LoginClient(const LoginRequest& request, LoginBuffers buffers);
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
    enum class Authentication : uint8_t { method_offered, chap, done };

    LoginState fail(LoginProblem problem);
    LoginState fail_key(KeyProblem problem, TextPair pair);
    LoginState fail_chap(ChapProblem problem);
    bool list_may_be_the_cause() const;
    bool number_may_be_the_cause(uint8_t status_detail) const;
    bool request_is_complete() const;
    void write_first_request();
    LoginState send(bool transit, Stage next);
    LoginState on_status(const LoginResponsePdu& response, Bytes data);
    LoginState on_response(const LoginResponsePdu& response, Bytes data);
    LoginState on_text(bool transit);
    LoginState on_security_keys(bool transit);
    LoginState on_security_pair(TextPair pair);
    LoginState on_authentication_method(TextPair pair);
    LoginState after_authentication(bool transit);
    LoginState on_operational_keys(bool transit);
    LoginState enter_operational_stage();
    LoginState finish();

    LoginRequest request_;
    TextAssembler received_;
    Bhs header_{};
    TextKeyWriter writer_;
    Negotiation negotiation_;
    ChapInitiator chap_;
    LoginState state_ = LoginState::sending;
    Stage stage_ = Stage::security;
    bool transit_asked_ = false;
    Authentication authentication_ = Authentication::method_offered;
    bool method_answered_ = false;
    bool offer_sent_ = false;
    int responses_ = 0;
    uint16_t tsih_ = 0;
    LoginResult result_;
    LoginRedirection redirection_;
    LoginFailure failure_;
};

}  // namespace bootwire::iscsi
