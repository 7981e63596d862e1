#include "iscsi_initiator/task_client.h"

#include <algorithm>

#include "iscsi/async.h"

namespace bootwire::iscsi {

namespace {

constexpr int max_pdus = 512;

}  // namespace

TaskClient::TaskClient(const LoginResult& login, Lun lun, Claim& claim, std::optional<uint32_t> end)
    : login_(login), lun_(lun), claim_(claim), end_(end), status_(login.exp_stat_sn) {
    // A target that has not understood which command comes next has said nothing of its window.
    if (login_.exp_cmd_sn != login_.cmd_sn) login_.max_cmd_sn = login_.cmd_sn;
    ask();
}

LoginResult TaskClient::result() const {
    LoginResult result = login_;
    result.exp_stat_sn = status_.expected();
    return result;
}

/// The next command, as soon as the target takes it.
TaskState TaskClient::ask() {
    if (end_ && login_.cmd_sn == *end_) return fail(TaskProblem::endless);
    command_due_ = true;
    return go_on();
}

TaskState TaskClient::fill_up() {
    if (state_ != TaskState::finished || !end_ || login_.cmd_sn == *end_) return state_;
    filling_ = true;
    return ask();
}

TaskState TaskClient::go_on() {
    const bool due = reply_ || (command_due_ && window_is_open());
    return state_ = due ? TaskState::sending : TaskState::receiving;
}

bool TaskClient::window_is_open() const {
    return !is_after(login_.cmd_sn, login_.max_cmd_sn);
}

/// Section 4.2.2.1.
void TaskClient::note_window(const TargetNumbers& numbers) {
    if (is_after(numbers.exp_cmd_sn - 1, numbers.max_cmd_sn)) return;
    if (is_after(numbers.exp_cmd_sn, login_.exp_cmd_sn)) login_.exp_cmd_sn = numbers.exp_cmd_sn;
    if (is_after(numbers.max_cmd_sn, login_.max_cmd_sn)) login_.max_cmd_sn = numbers.max_cmd_sn;
}

/// Of a command that is under way. Those that fill up may be answered in any order.
bool TaskClient::is_ours(BhsView bhs) const {
    const uint32_t tag = task_tag_of(bhs);
    return unanswered_ > 0 && tag >= first_tag_ && tag <= task_tag_;
}

void TaskClient::write_command() {
    const ScsiCommand& command = this->command();
    ScsiCommandPdu pdu;
    pdu.read = command.in_length > 0;
    pdu.write = command.out_length > 0;
    pdu.lun = lun_;
    pdu.task_tag = ++task_tag_;
    pdu.expected_length = pdu.write ? static_cast<uint32_t>(command.out_length) : command.in_length;
    pdu.cmd_sn = login_.cmd_sn++;
    pdu.exp_stat_sn = status_.expected();
    pdu.cdb = command.cdb;
    request_ = pdu.encode();
    // Without immediate data the target asks for it (R2T).
    const bool with_data = login_.parameters.immediate_data;
    request_data_ = Bytes(command.out).first(with_data ? command.out_length : 0);
    data_size_ = 0;
    if (unanswered_++ == 0) first_tag_ = task_tag_;
    command_due_ = filling_ && login_.cmd_sn != *end_;
}

void TaskClient::reply(const Bhs& header, Bytes data) {
    reply_ = header;
    reply_data_ = data;
}

/// R2T (section 11.8): as much as it asks for goes out in one Data-Out (11.7).
TaskState TaskClient::on_ready(const ReadyToTransferPdu& request) {
    const ScsiCommand& command = this->command();
    const size_t offset = request.buffer_offset, length = request.desired_length;
    if (length == 0 || offset > command.out_length || length > command.out_length - offset) {
        return fail(TaskProblem::wants_too_much);
    }
    DataOutPdu out;
    out.lun = lun_;
    out.task_tag = task_tag_;
    out.target_transfer_tag = request.target_transfer_tag;
    out.exp_stat_sn = status_.expected();
    out.buffer_offset = request.buffer_offset;
    reply(out.encode(), Bytes(command.out).subspan(offset, length));
    return go_on();
}

std::optional<PduView> TaskClient::next_pdu() {
    if (state_ != TaskState::sending) return std::nullopt;
    if (reply_) {
        request_ = *reply_;
        request_data_ = reply_data_;
        reply_.reset();
    } else {
        write_command();
    }
    set_data_length(request_, static_cast<uint32_t>(request_data_.size()));
    go_on();
    return PduView{request_, request_data_};
}

TaskState TaskClient::connection_closed() {
    if (state_ == TaskState::finished || state_ == TaskState::failed) return state_;
    return fail(TaskProblem::connection_closed);
}

TaskState TaskClient::connection_unreadable(FrameState why) {
    if (state_ == TaskState::finished || state_ == TaskState::failed) return state_;
    return fail(why == FrameState::too_long ? TaskProblem::frame_too_long
                                            : TaskProblem::digest_wrong);
}

TaskState TaskClient::receive_pdu(const PduView& pdu) {
    if (state_ != TaskState::receiving) return state_;
    if (++pdus_ > max_pdus) return fail(TaskProblem::endless);
    const BhsView bhs = pdu.bhs;
    const bool ours = is_ours(bhs);
    // The kernel does not look at the numbers of data alone either (libiscsi.c).
    if (has_target_numbers(bhs)) note_window(target_numbers_of(bhs));
    switch (opcode_of(bhs)) {
        case Opcode::data_in:
            if (!ours) return fail(TaskProblem::wrong_task_tag);
            return on_data(*DataInPdu::decode(bhs), pdu.data);
        case Opcode::scsi_response:
            if (!ours) return fail(TaskProblem::wrong_task_tag);
            return on_response(*ScsiResponsePdu::decode(bhs), pdu.data);
        case Opcode::ready_to_transfer:
            if (!ours) return fail(TaskProblem::wants_too_much);
            return on_ready(*ReadyToTransferPdu::decode(bhs));
        case Opcode::nop_in:
            return on_ping(*NopInPdu::decode(bhs));
        case Opcode::reject:
            failure_.reject_reason = RejectPdu::decode(bhs)->reason;
            return fail(TaskProblem::rejected);
        case Opcode::async_message:
            return on_async(*AsyncMessagePdu::decode(bhs));
        default:
            failure_.opcode = opcode_of(bhs);
            return fail(TaskProblem::unexpected_pdu);
    }
}

TaskState TaskClient::on_ping(const NopInPdu& ping) {
    if (ping.target_transfer_tag == reserved_tag) return go_on();  // it tells of the window alone
    NopOutPdu answer;
    answer.lun = ping.lun;
    answer.target_transfer_tag = ping.target_transfer_tag;
    answer.cmd_sn = login_.cmd_sn;
    answer.exp_stat_sn = status_.expected();
    reply(answer.encode(), {});
    return go_on();
}

/// Data-In (section 11.7): in order, and with the status in the last one if that is good.
TaskState TaskClient::on_data(const DataInPdu& pdu, Bytes data) {
    if (pdu.buffer_offset != data_size_ || data.size() > command().in_length - data_size_ ||
        data.size() > data_.size() - data_size_) {
        return fail(TaskProblem::data_out_of_order);
    }
    std::ranges::copy(data, data_.begin() + static_cast<ptrdiff_t>(data_size_));
    data_size_ += data.size();
    if (!pdu.has_status) return go_on();
    if (!status_.take(pdu.stat_sn)) return fail(TaskProblem::status_repeated);
    return on_status(pdu.status, {});
}

/// Most of what a target announces (section 11.9) is not about this task.
TaskState TaskClient::on_async(const AsyncMessagePdu& message) {
    if (!status_.take(message.stat_sn)) return fail(TaskProblem::status_repeated);
    return ends_session(decode_async(message).event) ? fail(TaskProblem::session_ended) : go_on();
}

TaskState TaskClient::on_response(const ScsiResponsePdu& response, Bytes data) {
    if (!status_.take(response.stat_sn)) return fail(TaskProblem::status_repeated);
    if (response.response != 0) return fail(TaskProblem::not_carried_out);
    return on_status(response.status, sense_in(data));
}

TaskState TaskClient::on_status(uint8_t status, Bytes sense) {
    --unanswered_;
    if (filling_) {
        if (command_due_ || unanswered_ > 0) return go_on();
    } else {
        claim_.on_outcome(static_cast<ScsiStatus>(status), sense, Bytes(data_).first(data_size_));
        if (claim_.state() == ClaimState::asking) return ask();
    }
    return state_ = TaskState::finished;
}

TaskState TaskClient::fail(TaskProblem problem) {
    failure_.problem = problem;
    return state_ = TaskState::failed;
}

}  // namespace bootwire::iscsi
