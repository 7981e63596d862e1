// The target's side of a login (RFC 7143 sections 6 and 11.12 to 11.13), without sockets, clocks
// and configuration: PDUs in, PDUs out, and two questions to whoever runs it.
//
//     LoginServer login(settings, storage.buffers());
//     while (!login.is_over()) {
//         receiving:   login.receive_pdu(the next one that comes);
//         identified:  login.admit(what is configured for login.identity());
//         sending:     send login.next_pdu();
//         complete:    login.begin_session(the TSIH), or refuse(); SessionTable knows which
//     }
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "iscsi/frame.h"
#include "iscsi_target/admission.h"

namespace bootwire::iscsi {

/// Requests, continued ones included, after which a login is given up.
inline constexpr int max_login_requests = 64;

struct LoginServerSettings {
    /// When the login has to be over: absolute, however much is said until then.
    Moment deadline{};
    uint32_t first_stat_sn = 1;
    /// Commands that a session may have under way (MaxCmdSN).
    uint32_t command_window = 32;
};

/// Where a LoginServer keeps its bytes.
struct LoginServerStorage {
    std::array<uint8_t, max_text_length> received;
    std::array<uint8_t, login_data_length> to_send;
};

enum class LoginServerState : uint8_t {
    receiving,   ///< a request is awaited
    identified,  ///< identity() is known: admit()
    sending,     ///< a response waits to be sent: next_pdu()
    complete,    ///< all is agreed upon: begin_session() or refuse()
    finished,    ///< full feature phase: result()
    refused,     ///< status() has been sent: the connection ends
    broken,      ///< the connection ends without a word: no login request, endless, or too late
};

struct LoginServerResult {
    OperationalParameters parameters;
    uint16_t tsih = 0;
    uint16_t cid = 0;
    uint32_t stat_sn = 0;                         ///< of the next response
    uint32_t exp_cmd_sn = 0;                      ///< of the next command
    uint32_t max_cmd_sn = 0;                      ///< as the initiator was told
    std::optional<ChapAlgorithm> chap_algorithm;  ///< nothing if no proof was asked for
    bool proved_to_initiator = false;             ///< mutual CHAP

    Digests digests() const { return {parameters.header_digest, parameters.data_digest}; }
};

class LoginServer {
  public:
    LoginServer(const LoginServerSettings& settings, LoginServerStorage& storage);
    LoginServer(const LoginServer&) = delete;
    LoginServer& operator=(const LoginServer&) = delete;

    LoginServerState state() const { return state_; }
    bool is_over() const;

    LoginServerState receive_pdu(const PduView& pdu);
    /// Ends the login if its time is over.
    LoginServerState on_time(Moment now);

    const LoginIdentity& identity() const { return identity_; }
    LoginServerState admit(const Admission& admission);
    LoginServerState begin_session(uint16_t tsih);
    /// While identified or complete: ends the login with this status.
    LoginServerState refuse(LoginStatus status) { return respond_with(status); }

    /// The PDU to send, once; nothing unless `sending`. Valid until the next receive.
    std::optional<PduView> next_pdu();

    const LoginServerResult& result() const { return result_; }
    /// Why the login was refused; success if it was not.
    LoginStatus status() const { return status_; }
    /// With authentication_failed: what was wrong with CHAP.
    ChapProblem chap_problem() const { return chap_problem_; }

  private:
    enum class Step : uint8_t {
        identity,  ///< nothing is known yet
        security,  ///< no method has been chosen
        chap,
        proved,  ///< the initiator may go on
        operational,
    };

    // The stages (login_server.cpp).
    LoginServerState on_text();
    LoginServerState on_security();
    LoginServerState on_operational();
    LoginServerState leave_security();
    LoginServerState finish();
    bool take_pair(TextPair pair);
    bool take_method(std::string_view offer);
    bool take_chap_pair(TextPair pair);
    bool take_operational_pair(TextPair pair);
    void state_target();

    // What all have in common (login_server_exchange.cpp).
    bool begins_well(const LoginRequestPdu& request);
    bool goes_on_well(const LoginRequestPdu& request);
    bool is_consistent(const LoginRequestPdu& request);
    LoginServerState identify();
    bool take_identity_pair(TextPair pair);
    bool is_identity(std::string_view key) const;
    LoginResponsePdu response() const;
    LoginServerState respond(bool transit);
    LoginServerState respond_with(LoginStatus status);
    LoginServerState fail_chap(ChapProblem problem);
    LoginServerState send(const LoginResponsePdu& response, LoginServerState then);
    bool is_answering() const { return state_ == LoginServerState::receiving; }

    LoginServerSettings settings_;
    TextAssembler received_;
    TextKeyWriter writer_;
    LoginServerState state_ = LoginServerState::receiving;
    LoginServerState then_ = LoginServerState::receiving;  ///< once the response is sent
    Step step_ = Step::identity;
    LoginRequestPdu request_;
    int requests_ = 0;
    LoginIdentity identity_;
    bool has_session_type_ = false;
    Admission admission_;
    std::optional<ChapTarget> chap_;
    bool has_chap_pair_ = false;  ///< in the text at hand
    bool stated_ = false;         ///< the portal group, and the alias
    std::optional<Negotiation> negotiation_;
    uint32_t stat_sn_;
    Bhs header_{};
    LoginStatus status_;
    ChapProblem chap_problem_ = ChapProblem::none;
    LoginServerResult result_;
};

}  // namespace bootwire::iscsi
