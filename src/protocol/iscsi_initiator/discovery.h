// Which targets a portal offers: SendTargets in a Discovery session (RFC 7143 appendix C).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "iscsi/frame.h"
#include "iscsi/serial_number.h"
#include "iscsi/target_address.h"
#include "iscsi/text_keys.h"
#include "iscsi_initiator/login.h"

namespace bootwire::iscsi {

/// Text that a portal may send altogether; some five hundred targets.
inline constexpr size_t max_discovery_text = 65536;
/// Text Responses after which a discovery is given up.
inline constexpr int max_discovery_responses = 256;
inline constexpr size_t max_discovered_targets = 512;
inline constexpr size_t max_portals_of_target = 32;

/// Preferences for the login of a Discovery session, such that the buffers here suffice; without
/// digests, as no data of a disk passes.
OperationalPreferences discovery_preferences();

struct DiscoveredTarget {
    std::string name;
    /// Where it is reached; empty means at the portal that was asked.
    std::vector<TargetAddress> portals;
};

/// Reads the text of a complete answer. Malformed addresses are left out (a target may list
/// portals of other transports); more targets or portals than the limits are an error, as is text
/// that is no key=value text. A target whose name is none (check_name()) is left out: names go into
/// logs and onto command lines. left_out: gets the first such name, printable; may be null.
Result<std::vector<DiscoveredTarget>> decode_send_targets(Bytes text,
                                                          std::string* left_out = nullptr);

struct DiscoveryStorage {
    std::array<uint8_t, max_discovery_text> text;
};

enum class DiscoveryState : uint8_t { sending, receiving, finished, failed };

/// Asks for the targets once the login of the Discovery session is finished. Used like LoginClient.
class DiscoveryClient {
  public:
    /// login: what LoginClient finished with. The storage must outlive the client. target: asks for
    /// the portals of this one alone, a valid name; empty: for all targets.
    DiscoveryClient(const LoginResult& login, DiscoveryStorage& storage,
                    std::string_view target = {});
    DiscoveryClient(const DiscoveryClient&) = delete;
    DiscoveryClient& operator=(const DiscoveryClient&) = delete;

    DiscoveryState state() const { return state_; }
    /// Nothing, too, while the target's command window (MaxCmdSN) is closed; a NOP-In opens it.
    std::optional<PduView> next_pdu();
    DiscoveryState receive_pdu(const PduView& pdu);
    DiscoveryState connection_closed();
    DiscoveryState connection_unreadable(FrameState why);

    /// Once finished.
    const std::vector<DiscoveredTarget>& targets() const { return targets_; }
    /// The first name that is none, printable; empty if all are.
    const std::string& left_out() const { return left_out_; }
    /// Once failed.
    const Error& error() const { return error_; }
    /// Of the next request.
    uint32_t cmd_sn() const { return cmd_sn_; }
    uint32_t exp_stat_sn() const { return status_.expected(); }

  private:
    bool window_is_open() const;
    void note_window(const TargetNumbers& numbers);
    /// sending if something is due that may be sent.
    DiscoveryState go_on();
    PduView pong();
    PduView question();
    PduView logout();
    PduView due_pdu();
    DiscoveryState on_async(const AsyncMessagePdu& message);
    DiscoveryState on_text(const TextResponsePdu& response, Bytes data);
    DiscoveryState fail_with(Error error);

    TextAssembler received_;
    uint32_t cmd_sn_;
    StatusCount status_;
    uint32_t max_cmd_sn_;
    DiscoveryState state_ = DiscoveryState::sending;
    std::optional<uint32_t> question_;  ///< due, with this Target Transfer Tag
    std::optional<NopInPdu> ping_;      ///< to be answered
    bool logout_wanted_ = false;        ///< by the portal
    bool logout_sent_ = false;
    Bhs request_{};
    std::array<uint8_t, 256> request_text_{};  // SendTargets= and a name of 223 bytes
    TextKeyWriter writer_;
    int responses_ = 0;
    std::vector<DiscoveredTarget> targets_;
    std::string left_out_;
    Error error_;
};

}  // namespace bootwire::iscsi
