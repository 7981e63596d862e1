// Carries the commands of a Claim over a connection in the full feature phase (RFC 7143 section
// 11.3), before the kernel gets it. Used like LoginClient.
//
// Its commands take part in the count of CmdSN, as all targets want it: LIO takes no immediate
// ones. The kernel's count begins where this one ends: at boot the kernel is told so; later its
// next CmdSN is what it is, and the login begins so much before it as there may be commands here.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "iscsi/frame.h"
#include "iscsi/lun.h"
#include "iscsi/pdu_scsi.h"
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
    /// login: what LoginClient finished with, or another TaskClient (result()). The claim must
    /// outlive the client, and be asking. end: the CmdSN of somebody else's first command, before
    /// which the claim has to come to its end.
    TaskClient(const LoginResult& login, Lun lun, Claim& claim,
               std::optional<uint32_t> end = std::nullopt);
    TaskClient(const TaskClient&) = delete;
    TaskClient& operator=(const TaskClient&) = delete;

    /// finished: the claim has what it wanted, or will not get it. failed: failure().
    TaskState state() const { return state_; }
    /// Nothing, too, while the target's command window (MaxCmdSN) is closed.
    std::optional<PduView> next_pdu();
    /// Once finished: goes on with commands that change nothing, until the next one has the CmdSN
    /// `end`. They go out one behind the other, as far as the window lets them; what is answered is
    /// of no concern.
    TaskState fill_up();
    TaskState receive_pdu(const PduView& pdu);
    TaskState connection_closed();
    TaskState connection_unreadable(FrameState why);

    const TaskFailure& failure() const { return failure_; }
    /// For whoever goes on with the connection: the login's, with the numbers of now.
    LoginResult result() const;

  private:
    const ScsiCommand& command() const { return filling_ ? filler_ : claim_.command(); }
    TaskState ask();
    TaskState go_on();
    bool window_is_open() const;
    void note_window(const TargetNumbers& numbers);
    bool is_ours(BhsView bhs) const;
    void write_command();
    void reply(const Bhs& header, Bytes data);
    TaskState on_ready(const ReadyToTransferPdu& request);
    TaskState on_ping(const NopInPdu& ping);
    TaskState on_data(const DataInPdu& pdu, Bytes data);
    TaskState on_async(const AsyncMessagePdu& message);
    TaskState on_response(const ScsiResponsePdu& response, Bytes data);
    TaskState on_status(uint8_t status, Bytes sense);
    TaskState fail(TaskProblem problem);

    LoginResult login_;  ///< its CmdSN and window are those of now
    Lun lun_;
    Claim& claim_;
    std::optional<uint32_t> end_;
    ScsiCommand filler_ = test_unit_ready();
    bool filling_ = false;
    TaskState state_ = TaskState::sending;
    uint32_t task_tag_ = 0x100;  ///< of the last command; the kernel's are others (fault_proxy.py)
    uint32_t first_tag_ = 0;     ///< of the first of those under way
    uint32_t unanswered_ = 0;    ///< how many they are
    bool command_due_ = false;   ///< it may wait for the window
    std::optional<Bhs> reply_;   ///< due, to what the target has asked in between
    Bytes reply_data_;
    StatusCount status_;
    int pdus_ = 0;
    Bhs request_{};
    Bytes request_data_;
    std::array<uint8_t, max_task_data> data_{};
    size_t data_size_ = 0;
    TaskFailure failure_;
};

}  // namespace bootwire::iscsi
