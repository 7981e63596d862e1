// The PDUs that carry SCSI (RFC 7143 sections 11.2.2 to 11.8), like those of pdu.h: commands and
// how they end, data both ways, task management.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "iscsi/pdu.h"

namespace bootwire::iscsi {

/// Section 11.3.1; SAM-5 has more of each.
enum class TaskAttribute : uint8_t {
    untagged = 0,
    simple = 1,
    ordered = 2,
    head_of_queue = 3,
    aca = 4,
};

struct ScsiCommandPdu : InitiatorNumbers {
    bool immediate = false;
    /// No unsolicited Data-Out follows.
    bool final = true;
    bool read = false;
    bool write = false;
    TaskAttribute attribute = TaskAttribute::simple;
    Lun lun;
    uint32_t task_tag = 0;
    uint32_t expected_length = 0;
    /// The first 16 bytes; more of them are in the AdditionalHeader.
    std::array<uint8_t, 16> cdb{};

    Bhs encode() const;
    static std::optional<ScsiCommandPdu> decode(BhsView bhs);
};

/// Bytes of the longest CDB (SPC-4 section 4.2.3).
inline constexpr size_t max_cdb_size = 260;

/// The additional header segments that a SCSI command can have.
struct AdditionalHeader {
    Bytes more_cdb;  ///< from the 17th byte on; of whoever gave it, up to 244 bytes
    std::optional<uint32_t> read_length;  ///< of a command that reads and writes

    /// Bytes of encode(): a multiple of 4.
    size_t size() const;
    /// Gives what was written; nothing if `to` is too small.
    Bytes encode(MutableBytes to) const;
    /// Nothing if a segment is malformed, or there twice; those of other types are passed over.
    static std::optional<AdditionalHeader> decode(Bytes segments);
};

struct ScsiResponsePdu : TargetNumbers {
    bool overflow = false;
    bool underflow = false;
    uint8_t response = 0;
    uint8_t status = 0;
    uint32_t task_tag = 0;
    uint32_t exp_data_sn = 0;
    uint32_t residual_count = 0;

    Bhs encode() const;
    static std::optional<ScsiResponsePdu> decode(BhsView bhs);
};

/// The sense data that a SCSI Response or an Async Message of a SCSI event has in its data segment,
/// behind their length (sections 11.4.7 and 11.9.4); empty if there are none.
Bytes sense_in(Bytes data_segment);

/// From the initiator, unsolicited or as an R2T asked for it.
struct DataOutPdu {
    bool final = true;
    Lun lun;
    uint32_t task_tag = 0;
    uint32_t target_transfer_tag = reserved_tag;
    uint32_t exp_stat_sn = 0;
    uint32_t data_sn = 0;
    uint32_t buffer_offset = 0;

    Bhs encode() const;
    static std::optional<DataOutPdu> decode(BhsView bhs);
};

/// From the target. With status no SCSI Response follows; StatSN, the flags of the residual and its
/// count mean something only then (section 11.7.3).
struct DataInPdu : TargetNumbers {
    bool final = true;
    bool acknowledge = false;
    bool overflow = false;
    bool underflow = false;
    bool has_status = false;
    uint8_t status = 0;
    Lun lun;
    uint32_t task_tag = 0;
    uint32_t target_transfer_tag = reserved_tag;
    uint32_t data_sn = 0;
    uint32_t buffer_offset = 0;
    uint32_t residual_count = 0;

    Bhs encode() const;
    static std::optional<DataInPdu> decode(BhsView bhs);
};

/// R2T.
struct ReadyToTransferPdu : TargetNumbers {
    Lun lun;
    uint32_t task_tag = 0;
    uint32_t target_transfer_tag = reserved_tag;
    uint32_t r2t_sn = 0;
    uint32_t buffer_offset = 0;
    uint32_t desired_length = 0;

    Bhs encode() const;
    static std::optional<ReadyToTransferPdu> decode(BhsView bhs);
};

/// Section 11.5.1.
enum class TaskManagement : uint8_t {
    abort_task = 1,
    abort_task_set = 2,
    clear_aca = 3,
    clear_task_set = 4,
    logical_unit_reset = 5,
    target_warm_reset = 6,
    target_cold_reset = 7,
    task_reassign = 8,
};

struct TaskManagementRequestPdu : InitiatorNumbers {
    bool immediate = true;
    TaskManagement function = TaskManagement::abort_task;
    Lun lun;
    uint32_t task_tag = 0;
    uint32_t referenced_task_tag = reserved_tag;
    uint32_t ref_cmd_sn = 0;
    uint32_t exp_data_sn = 0;

    Bhs encode() const;
    static std::optional<TaskManagementRequestPdu> decode(BhsView bhs);
};

/// Section 11.6.1.
enum class TaskManagementAnswer : uint8_t {
    complete = 0,
    no_such_task = 1,
    no_such_lun = 2,
    still_allegiant = 3,
    no_reassignment = 4,
    not_supported = 5,
    not_authorized = 6,
    rejected = 255,
};

struct TaskManagementResponsePdu : TargetNumbers {
    TaskManagementAnswer response = TaskManagementAnswer::complete;
    uint32_t task_tag = 0;

    Bhs encode() const;
    static std::optional<TaskManagementResponsePdu> decode(BhsView bhs);
};

}  // namespace bootwire::iscsi
