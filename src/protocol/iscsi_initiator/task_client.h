// Carries the commands of a Claim over a connection in the full feature phase (RFC 7143 section
// 11.3), before the kernel gets it. Used like LoginClient.
//
// Its commands are immediate: they do not take part in the count of CmdSN, so that the kernel's own
// count still fits when it takes the connection over.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "iscsi/frame.h"
#include "iscsi/lun.h"
#include "iscsi/pdu.h"
#include "iscsi/serial_number.h"
#include "iscsi_initiator/claim.h"
#include "iscsi_initiator/login.h"

namespace bootwire::iscsi {

/// Bytes that one answer of the target can have.
inline constexpr size_t max_task_data = 4096;

enum class TaskState : uint8_t { sending, receiving, finished, failed };

enum class TaskProblem : uint8_t {
    none,
    connection_closed,
    frame_too_long,
    digest_wrong,
    endless,
    wrong_task_tag,
    status_repeated,    ///< the StatSN of a response that was there before
    data_out_of_order,  ///< or more than was asked for
    wants_too_much,     ///< an R2T for no data, or for more than the command has
    not_carried_out,    ///< a response other than "command completed at target"
    rejected,           ///< reject_reason
    session_ended,      ///< by an Async Message
    unexpected_pdu,     ///< opcode
};

struct TaskFailure {
    TaskProblem problem = TaskProblem::none;
    uint8_t reject_reason = 0;
    Opcode opcode{};
};

class TaskClient {
  public:
    /// login: what LoginClient finished with. The claim must outlive the client, and be asking.
    TaskClient(const LoginResult& login, Lun lun, Claim& claim);
    TaskClient(const TaskClient&) = delete;
    TaskClient& operator=(const TaskClient&) = delete;

    /// finished: the claim has what it wanted, or will not get it. failed: failure().
    TaskState state() const { return state_; }
    std::optional<PduView> next_pdu();
    TaskState receive_pdu(const PduView& pdu);
    TaskState connection_closed();
    TaskState connection_unreadable(FrameState why);

    const TaskFailure& failure() const { return failure_; }
    /// For whoever goes on with the connection.
    uint32_t exp_stat_sn() const { return status_.expected(); }

  private:
    void ask();
    TaskState on_ready(BhsView bhs);
    TaskState on_data(BhsView bhs, Bytes data);
    TaskState on_async(const AsyncMessagePdu& message);
    TaskState on_response(const ScsiResponsePdu& response, Bytes data);
    TaskState on_status(uint8_t status, Bytes sense);
    TaskState fail(TaskProblem problem);

    LoginResult login_;
    Lun lun_;
    Claim& claim_;
    TaskState state_ = TaskState::sending;
    uint32_t task_tag_ = 0x100;
    StatusCount status_;
    int pdus_ = 0;
    Bhs request_{};
    Bytes request_data_;
    std::array<uint8_t, max_task_data> data_{};
    size_t data_size_ = 0;
    TaskFailure failure_;
};

}  // namespace bootwire::iscsi
