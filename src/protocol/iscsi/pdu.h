// The Basic Header Segments of the PDUs (RFC 7143 section 11), as plain values and as 48 bytes.
// Free of which side one is on: both sides encode and decode all of them. Those of SCSI are in
// pdu_scsi.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "iscsi/isid.h"
#include "iscsi/lun.h"

namespace bootwire::iscsi {

inline constexpr size_t bhs_size = 48;
/// Data segment lengths have 24 bits (section 11.2.1.6).
inline constexpr uint32_t max_data_segment_length = 0xffffff;
/// Initiator and target task tags of PDUs that belong to no task.
inline constexpr uint32_t reserved_tag = 0xffffffff;

using Bhs = std::array<uint8_t, bhs_size>;
using BhsView = std::span<const uint8_t, bhs_size>;

enum class Opcode : uint8_t {
    nop_out = 0x00,
    scsi_command = 0x01,
    task_management_request = 0x02,
    login_request = 0x03,
    text_request = 0x04,
    data_out = 0x05,
    logout_request = 0x06,
    snack_request = 0x10,
    nop_in = 0x20,
    scsi_response = 0x21,
    task_management_response = 0x22,
    login_response = 0x23,
    text_response = 0x24,
    data_in = 0x25,
    logout_response = 0x26,
    ready_to_transfer = 0x31,
    async_message = 0x32,
    reject = 0x3f,
};

/// A PDU without padding and digests: the unit that netlink carries and that FrameReader yields.
struct PduView {
    BhsView bhs;
    Bytes data;
};

Opcode opcode_of(BhsView bhs);
bool is_immediate(BhsView bhs);
/// Bytes of additional header segments, 0–1020.
size_t ahs_length_of(BhsView bhs);
/// Bytes of data, padding not counted.
uint32_t data_length_of(BhsView bhs);
void set_data_length(Bhs& bhs, uint32_t length);
/// Up to the next multiple of four.
constexpr size_t padded(size_t length) {
    return (length + 3) & ~size_t{3};
}

/// At the same place in all that an initiator sends; a Data-Out has the second one alone.
struct InitiatorNumbers {
    uint32_t cmd_sn = 0;
    uint32_t exp_stat_sn = 0;
};
/// At the same place in all that a target sends.
struct TargetNumbers {
    uint32_t stat_sn = 0;
    uint32_t exp_cmd_sn = 0;
    uint32_t max_cmd_sn = 0;
};

// What PDUs have in common can be read, and changed on their way, without knowing which they are.
uint32_t task_tag_of(BhsView bhs);
InitiatorNumbers initiator_numbers_of(BhsView bhs);
void set_exp_stat_sn(Bhs& bhs, uint32_t number);
/// Whether the numbers of a target's PDU are there to be read: of a Data-In without status StatSN
/// is reserved (section 11.7.4), and many leave the others out with it.
bool has_target_numbers(BhsView bhs);
TargetNumbers target_numbers_of(BhsView bhs);
void set_target_numbers(Bhs& bhs, const TargetNumbers& numbers);
/// Whether a target's PDU takes its StatSN, or only tells which one is next: an R2T and the
/// target's own ping do that (sections 11.8.2 and 11.19.1).
bool takes_stat_sn(BhsView bhs);

/// CSG and NSG (section 11.12.3).
enum class Stage : uint8_t { security = 0, operational = 1, reserved = 2, full_feature = 3 };

// Each type below has encode(), which leaves the data length 0 (set_data_length), and decode(),
// which gives nothing if the opcode is another one. Field names are those of the RFC's figures.

struct LoginRequestPdu : InitiatorNumbers {
    bool transit = false;
    bool continues = false;
    Stage current = Stage::security;
    Stage next = Stage::security;
    uint8_t version_max = 0;
    uint8_t version_min = 0;
    Isid isid;
    uint16_t tsih = 0;
    uint32_t task_tag = 0;
    uint16_t cid = 0;

    Bhs encode() const;
    static std::optional<LoginRequestPdu> decode(BhsView bhs);
};

struct LoginResponsePdu : TargetNumbers {
    bool transit = false;
    bool continues = false;
    Stage current = Stage::security;
    Stage next = Stage::security;
    uint8_t version_max = 0;
    uint8_t version_active = 0;
    Isid isid;
    uint16_t tsih = 0;
    uint32_t task_tag = 0;
    uint8_t status_class = 0;
    uint8_t status_detail = 0;

    Bhs encode() const;
    static std::optional<LoginResponsePdu> decode(BhsView bhs);
};

struct TextRequestPdu : InitiatorNumbers {
    bool immediate = false;
    bool final = true;
    bool continues = false;
    uint32_t task_tag = 0;
    uint32_t target_transfer_tag = reserved_tag;

    Bhs encode() const;
    static std::optional<TextRequestPdu> decode(BhsView bhs);
};

struct TextResponsePdu : TargetNumbers {
    bool final = true;
    bool continues = false;
    uint32_t task_tag = 0;
    uint32_t target_transfer_tag = reserved_tag;

    Bhs encode() const;
    static std::optional<TextResponsePdu> decode(BhsView bhs);
};

enum class LogoutReason : uint8_t { close_session = 0, close_connection = 1, for_recovery = 2 };

struct LogoutRequestPdu : InitiatorNumbers {
    bool immediate = true;
    LogoutReason reason = LogoutReason::close_session;
    uint32_t task_tag = 0;
    uint16_t cid = 0;

    Bhs encode() const;
    static std::optional<LogoutRequestPdu> decode(BhsView bhs);
};

struct LogoutResponsePdu : TargetNumbers {
    uint8_t response = 0;
    uint32_t task_tag = 0;
    uint16_t time2wait_s = 0;
    uint16_t time2retain_s = 0;

    Bhs encode() const;
    static std::optional<LogoutResponsePdu> decode(BhsView bhs);
};

struct NopOutPdu : InitiatorNumbers {
    bool immediate = true;
    Lun lun;
    uint32_t task_tag = reserved_tag;
    uint32_t target_transfer_tag = reserved_tag;

    Bhs encode() const;
    static std::optional<NopOutPdu> decode(BhsView bhs);
};

struct NopInPdu : TargetNumbers {
    Lun lun;
    uint32_t task_tag = reserved_tag;
    uint32_t target_transfer_tag = reserved_tag;

    Bhs encode() const;
    static std::optional<NopInPdu> decode(BhsView bhs);
};

struct AsyncMessagePdu : TargetNumbers {
    Lun lun;
    uint8_t event = 0;
    uint8_t vendor_code = 0;
    std::array<uint16_t, 3> parameters{};

    Bhs encode() const;
    static std::optional<AsyncMessagePdu> decode(BhsView bhs);
};

/// Why a PDU was rejected (section 11.17.1), as far as it is told apart.
enum class RejectReason : uint8_t {
    data_digest_error = 0x02,
    snack = 0x03,
    protocol_error = 0x04,
    command_not_supported = 0x05,
    too_many_immediate_commands = 0x06,
    task_in_progress = 0x07,
    invalid_data_acknowledgement = 0x08,
    invalid_field = 0x09,
    out_of_resources = 0x0a,
    waiting_for_logout = 0x0c,
};

/// Its data segment is the header that is rejected: rejected_header_in().
struct RejectPdu : TargetNumbers {
    uint8_t reason = 0;

    Bhs encode() const;
    static std::optional<RejectPdu> decode(BhsView bhs);
};

/// The header that a Reject is about: the first bytes of its data segment (section 11.17); nothing
/// if they are too few.
std::optional<BhsView> rejected_header_in(Bytes data_segment);

}  // namespace bootwire::iscsi
