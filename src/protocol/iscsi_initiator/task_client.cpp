#include "iscsi_initiator/task_client.h"

#include <algorithm>

#include "iscsi/async.h"

namespace bootwire::iscsi {

namespace {

constexpr int max_pdus = 512;
constexpr uint8_t immediate_bit = 0x40;
constexpr uint8_t final_bit = 0x80;

}  // namespace

TaskClient::TaskClient(const LoginResult& login, Lun lun, Claim& claim)
    : login_(login), lun_(lun), claim_(claim), status_(login.exp_stat_sn) {
    ask();
}

void TaskClient::ask() {
    const ScsiCommand& command = claim_.command();
    ScsiCommandPdu pdu;
    pdu.read = command.in_length > 0;
    pdu.write = command.out_length > 0;
    pdu.lun = lun_;
    pdu.task_tag = ++task_tag_;
    pdu.expected_length = pdu.write ? static_cast<uint32_t>(command.out_length) : command.in_length;
    pdu.cmd_sn = login_.cmd_sn;
    pdu.exp_stat_sn = status_.expected();
    pdu.cdb = command.cdb;
    request_ = pdu.encode();
    request_[0] |= immediate_bit;
    // Without immediate data the target asks for it (R2T).
    const bool with_data = login_.parameters.immediate_data;
    request_data_ = Bytes(command.out).first(with_data ? command.out_length : 0);
    data_size_ = 0;
    state_ = TaskState::sending;
}

/// R2T (section 11.8): as much as it asks for goes out in one Data-Out (11.7).
TaskState TaskClient::on_ready(BhsView bhs) {
    const ScsiCommand& command = claim_.command();
    const size_t offset = load_be32(&bhs[40]), length = load_be32(&bhs[44]);
    if (length == 0 || offset > command.out_length || length > command.out_length - offset) {
        return fail(TaskProblem::wants_too_much);
    }
    request_ = {};
    request_[0] = static_cast<uint8_t>(Opcode::data_out);
    request_[1] = final_bit;
    store_be64(&request_[8], lun_.wire);
    store_be32(&request_[16], task_tag_);
    store_be32(&request_[20], load_be32(&bhs[20]));
    store_be32(&request_[28], status_.expected());
    store_be32(&request_[40], static_cast<uint32_t>(offset));
    request_data_ = Bytes(command.out).subspan(offset, length);
    return state_ = TaskState::sending;
}

std::optional<PduView> TaskClient::next_pdu() {
    if (state_ != TaskState::sending) return std::nullopt;
    state_ = TaskState::receiving;
    set_data_length(request_, static_cast<uint32_t>(request_data_.size()));
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
    const bool ours = load_be32(&bhs[16]) == task_tag_;
    switch (opcode_of(bhs)) {
        case Opcode::data_in:
            return ours ? on_data(bhs, pdu.data) : fail(TaskProblem::wrong_task_tag);
        case Opcode::scsi_response:
            if (!ours) return fail(TaskProblem::wrong_task_tag);
            return on_response(*ScsiResponsePdu::decode(bhs), pdu.data);
        case Opcode::ready_to_transfer:
            return ours ? on_ready(bhs) : fail(TaskProblem::wants_too_much);
        case Opcode::nop_in:
            if (const auto ping = NopInPdu::decode(bhs);
                ping->target_transfer_tag != reserved_tag) {
                NopOutPdu answer;
                answer.lun = ping->lun;
                answer.target_transfer_tag = ping->target_transfer_tag;
                answer.cmd_sn = login_.cmd_sn;
                answer.exp_stat_sn = status_.expected();
                request_ = answer.encode();
                request_data_ = {};
                state_ = TaskState::sending;
            }
            return state_;
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

/// Data-In (section 11.7): in order, and with the status in the last one if that is good.
TaskState TaskClient::on_data(BhsView bhs, Bytes data) {
    const size_t offset = load_be32(&bhs[40]);
    if (offset != data_size_ || data.size() > claim_.command().in_length - data_size_ ||
        data.size() > data_.size() - data_size_) {
        return fail(TaskProblem::data_out_of_order);
    }
    std::ranges::copy(data, data_.begin() + static_cast<ptrdiff_t>(data_size_));
    data_size_ += data.size();
    if ((bhs[1] & data_in_has_status) == 0) return state_;
    if (!status_.take(load_be32(&bhs[24]))) return fail(TaskProblem::status_repeated);
    return on_status(bhs[3], {});
}

/// Most of what a target announces (section 11.9) is not about this task.
TaskState TaskClient::on_async(const AsyncMessagePdu& message) {
    if (!status_.take(message.stat_sn)) return fail(TaskProblem::status_repeated);
    return ends_session(decode_async(message).event) ? fail(TaskProblem::session_ended) : state_;
}

TaskState TaskClient::on_response(const ScsiResponsePdu& response, Bytes data) {
    if (!status_.take(response.stat_sn)) return fail(TaskProblem::status_repeated);
    if (response.response != 0) return fail(TaskProblem::not_carried_out);
    // Section 11.4.7: the sense data behind their length.
    Bytes sense;
    if (data.size() >= 2) {
        sense = data.subspan(2);
        sense = sense.first(std::min<size_t>(load_be16(data.data()), sense.size()));
    }
    return on_status(response.status, sense);
}

TaskState TaskClient::on_status(uint8_t status, Bytes sense) {
    claim_.on_outcome(static_cast<ScsiStatus>(status), sense, Bytes(data_).first(data_size_));
    if (claim_.state() != ClaimState::asking) return state_ = TaskState::finished;
    ask();
    return state_;
}

TaskState TaskClient::fail(TaskProblem problem) {
    failure_.problem = problem;
    return state_ = TaskState::failed;
}

}  // namespace bootwire::iscsi
