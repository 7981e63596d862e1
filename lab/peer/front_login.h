// The target's side of a login, in front of a real target: the security stage is done here, with
// the project's own library, and the operational stage passed on to the real target.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "connection.h"
#include "iscsi/chap.h"

namespace bootwire::peer {

/// How a target behaves that takes no lists of CHAP algorithms.
enum class ListRejection : uint8_t {
    none,
    by_status,  ///< status 0201, as LIO did before Linux 3.15
    by_key,     ///< CHAP_A=Reject
    by_close,   ///< the connection ends
};

struct Login {
    std::string user;
    std::string secret;
};

struct LoginStatus {
    uint8_t status_class = 0;
    uint8_t detail = 0;
};

/// What is asked for on the command line.
struct Script {
    std::string target;  ///< the real one's ADDRESS:PORT
    std::optional<Login> chap;
    std::optional<Login> mutual_chap;
    std::vector<iscsi::ChapAlgorithm> algorithms{iscsi::all_chap_algorithms.begin(),
                                                 iscsi::all_chap_algorithms.end()};
    ListRejection list_rejection = ListRejection::none;
    std::string redirection;  ///< value of TargetAddress
    bool permanent = false;
    std::optional<LoginStatus> status;
    size_t piece = 0;           ///< bytes of a TCP segment of login responses
    size_t continue_after = 0;  ///< bytes of text of a login response
};

/// Both streams after the login, and what differs between them.
struct Spliced {
    std::unique_ptr<Connection> target;
    /// To be added to the real target's StatSN for the initiator.
    uint32_t stat_sn_shift = 0;
    iscsi::Digests digests;
};

class FrontLogin {
  public:
    FrontLogin(const Script& script, Connection& front);

    /// Serves one login. An error says why the initiator was not let in; it has been told already.
    Result<Spliced> run();

  private:
    struct Request {
        iscsi::LoginRequestPdu header;
        std::vector<uint8_t> text;
    };

    Result<Request> read_request();
    Status respond(const Request& request, bool transit, Bytes text);
    std::unexpected<Error> refuse(const Request& request, LoginStatus status, std::string why,
                                  Bytes text = {});
    Status on_security(const Request& request);
    Status on_security_pair(const Request& request, iscsi::TextPair pair,
                            iscsi::TextKeyWriter& answer);
    Status on_authentication_method(const Request& request, std::string_view offer,
                                    iscsi::TextKeyWriter& answer);
    Status on_algorithm_list(const Request& request, std::string_view list);
    Status log_in_to_target(const Request& request);
    Result<bool> on_operational(const Request& request);
    Status forward(const Request& request, iscsi::LoginResponsePdu& response,
                   std::vector<uint8_t>& text);
    void note_digests(Bytes text);

    const Script& script_;
    Connection& front_;
    Spliced spliced_;
    std::optional<iscsi::ChapTarget> chap_;
    bool authenticated_ = false;
    bool chap_finished_ = false;
    std::string initiator_name_;
    std::string target_name_;
    std::string session_type_ = "Normal";
    std::string alias_;
    std::vector<uint8_t> declarations_;
    uint16_t tsih_ = 0;
    uint32_t stat_sn_;
    uint32_t target_exp_stat_sn_ = 0;
};

}  // namespace bootwire::peer
