// Commands, the data that they take and give, and how they end (RFC 7143
// sections 4.2.4, 11.3, 11.4, 11.7 and 11.8).
#include <algorithm>
#include <array>

#include "iscsi_target/target_session.h"

namespace bootwire::iscsi {

namespace {

using Kind = SessionEvent::Kind;

/// Data of tasks that have ended meanwhile are on their way; so many are not.
constexpr uint32_t max_strays = 65536;

/// INVALID FIELD IN CDB, in fixed format (SPC-4 section 4.5.3).
constexpr std::array<uint8_t, 18> invalid_field{
    0x70, 0, sense_illegal_request, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24};

/// By how much both differ.
uint32_t residual(uint64_t length, uint32_t expected) {
    const uint64_t difference = length > expected ? length - expected : expected - length;
    return static_cast<uint32_t>(std::min<uint64_t>(difference, UINT32_MAX));
}

}  // namespace

TargetSession::Task* TargetSession::find(uint32_t task_tag) {
    if (state_ != SessionState::open) return nullptr;
    const auto found = tasks_.find(task_tag);
    return found == tasks_.end() || found->second.given_up ? nullptr : &found->second;
}

/// Sections 4.2.4.2 and 11.3.1, and what was agreed upon.
bool TargetSession::has_sound_data(const ScsiCommandPdu& command, size_t length) const {
    if (!command.write) return length == 0 && command.final;
    if (!parameters_.immediate_data && length > 0) return false;
    if (parameters_.initial_r2t && !command.final) return false;
    return length <= parameters_.first_burst && length <= command.expected_length;
}

std::optional<TargetSession::Place> TargetSession::place_of(BhsView bhs) const {
    const uint32_t length = data_length_of(bhs);
    if (length == 0 || state_ != SessionState::open) return std::nullopt;
    if (const auto command = ScsiCommandPdu::decode(bhs)) {
        if (!has_sound_data(*command, length)) return std::nullopt;
        return Place{command->task_tag, 0, length};
    }
    const auto data = DataOutPdu::decode(bhs);
    if (!data) return std::nullopt;
    const auto task = tasks_.find(data->task_tag);
    if (task == tasks_.end() || task->second.given_up ||
        data->buffer_offset > task->second.pdu.expected_length ||
        length > task->second.pdu.expected_length - data->buffer_offset) {
        return std::nullopt;
    }
    return Place{data->task_tag, data->buffer_offset, length};
}

void TargetSession::on_command(const ScsiCommandPdu& command, Bytes data, Bytes additional_header) {
    const auto additional = AdditionalHeader::decode(additional_header);
    if (!additional || !has_sound_data(command, data.size()) || command.task_tag == reserved_tag) {
        return fail();
    }
    if (tasks_.contains(command.task_tag)) return reject(RejectReason::task_in_progress);
    if (command.immediate && immediate_tasks_ == limits_.immediate_commands) {
        return reject(RejectReason::too_many_immediate_commands);
    }
    strays_ = 0;
    Task& task = tasks_[command.task_tag];
    task.pdu = command;
    task.immediate = command.immediate;
    if (command.immediate) ++immediate_tasks_;
    task.unsolicited_over = command.final;
    if (command.read && command.write) {
        const Completion not_both{ScsiStatus::check_condition, invalid_field, 0};
        return complete(command.task_tag, not_both);
    }
    SessionEvent event(Kind::command, command.task_tag);
    event.command.pdu = command;
    event.command.more_cdb.assign(additional->more_cdb.begin(), additional->more_cdb.end());
    tell(std::move(event));
    deliver(command.task_tag, task, data);
}

void TargetSession::on_data(const DataOutPdu& pdu, Bytes data) {
    Task* task = find(pdu.task_tag);
    if (task == nullptr) {
        if (++strays_ > max_strays) fail();
        return;
    }
    const auto length = static_cast<uint32_t>(data.size());
    const bool unsolicited = pdu.target_transfer_tag == reserved_tag;
    const bool sound =
        unsolicited ? take_unsolicited(*task, pdu, length) : take_solicited(*task, pdu, length);
    if (!sound) return fail();
    deliver(pdu.task_tag, *task, data);
}

/// DataPDUInOrder: all comes in its order, and none is left out.
bool TargetSession::take_unsolicited(Task& task, const DataOutPdu& pdu, uint32_t length) const {
    if (task.unsolicited_over || pdu.data_sn != task.unsolicited_sn ||
        pdu.buffer_offset != task.arrived) {
        return false;
    }
    const uint32_t most = std::min(parameters_.first_burst, task.pdu.expected_length);
    if (length > most - task.arrived) return false;
    ++task.unsolicited_sn;
    task.unsolicited_over = pdu.final;
    return true;
}

bool TargetSession::take_solicited(Task& task, const DataOutPdu& pdu, uint32_t length) const {
    if (task.transfers.empty()) return false;
    Transfer& transfer = task.transfers.front();
    const uint32_t left = transfer.length - transfer.arrived;
    if (pdu.target_transfer_tag != transfer.tag || pdu.data_sn != transfer.data_sn ||
        pdu.buffer_offset != transfer.offset + transfer.arrived || length > left ||
        pdu.final != (length == left)) {
        return false;
    }
    ++transfer.data_sn;
    transfer.arrived += length;
    if (pdu.final) task.transfers.pop_front();
    return true;
}

void TargetSession::deliver(uint32_t task_tag, Task& task, Bytes data) {
    if (!data.empty()) {
        SessionEvent event(Kind::data, task_tag);
        event.offset = task.arrived;
        event.data = data;
        task.arrived += static_cast<uint32_t>(data.size());
        tell(std::move(event));
    }
    ask_for_more(task_tag, task);
}

void TargetSession::want_data(uint32_t task_tag, uint32_t length) {
    Task* task = find(task_tag);
    if (task == nullptr || !task->pdu.write || task->wanted) return;
    task->wanted = std::min(length, task->pdu.expected_length);
    ask_for_more(task_tag, *task);
}

/// As many R2Ts as may be outstanding, behind what comes by itself.
void TargetSession::ask_for_more(uint32_t task_tag, Task& task) {
    if (!task.wanted || !task.unsolicited_over) return;
    if (task.arrived >= *task.wanted) {
        if (!task.told_complete) tell(SessionEvent(Kind::data_complete, task_tag));
        task.told_complete = true;
        return;
    }
    task.asked = std::max(task.asked, task.arrived);
    while (task.asked < *task.wanted && task.transfers.size() < parameters_.max_outstanding_r2t) {
        ReadyToTransferPdu pdu;
        pdu.lun = task.pdu.lun;
        pdu.task_tag = task_tag;
        pdu.target_transfer_tag = new_tag();
        pdu.r2t_sn = task.r2t_sn++;
        pdu.buffer_offset = task.asked;
        pdu.desired_length = std::min(*task.wanted - task.asked, parameters_.max_burst);
        task.asked += pdu.desired_length;
        task.transfers.push_back(
            {pdu.target_transfer_tag, pdu.buffer_offset, pdu.desired_length, 0, 0});
        push(pdu.encode());
    }
}

/// Data-In: as long as the initiator takes them, F at the end of each burst and of the command.
void TargetSession::send_data(uint32_t task_tag, Bytes data, const Completion* completion) {
    Task* task = find(task_tag);
    if (task == nullptr || !task->pdu.read) return;
    const size_t expected = task->pdu.expected_length - task->sent;
    data = data.first(std::min(data.size(), expected));
    while (!data.empty()) {
        const size_t length = std::min<size_t>({data.size(), parameters_.max_xmit_dlength,
                                                size_t{parameters_.max_burst} - task->burst});
        DataInPdu pdu;
        pdu.task_tag = task_tag;
        pdu.data_sn = task->data_sn++;
        pdu.buffer_offset = task->sent;
        task->sent += static_cast<uint32_t>(length);
        task->burst += static_cast<uint32_t>(length);
        const bool is_last = completion != nullptr && length == data.size();
        pdu.final = is_last || task->burst == parameters_.max_burst ||
                    task->sent == task->pdu.expected_length;
        if (pdu.final) task->burst = 0;
        if (is_last) {
            pdu.has_status = true;
            pdu.status = static_cast<uint8_t>(completion->status);
            pdu.overflow = completion->length > task->pdu.expected_length;
            pdu.underflow = completion->length < task->pdu.expected_length;
            pdu.residual_count = residual(completion->length, task->pdu.expected_length);
        }
        push(pdu.encode(), {}, data.first(length));
        data = data.subspan(length);
    }
}

void TargetSession::complete(uint32_t task_tag, const Completion& completion, Bytes last_data) {
    Task* task = find(task_tag);
    if (task == nullptr) return;
    const bool goes_along = completion.status == ScsiStatus::good && task->pdu.read &&
                            !last_data.empty() && task->sent < task->pdu.expected_length;
    send_data(task_tag, last_data, goes_along ? &completion : nullptr);
    task = find(task_tag);  // the connection may have ended
    if (task == nullptr) return;
    if (!goes_along) respond(task_tag, *task, completion);
    if (task->immediate) --immediate_tasks_;
    tasks_.erase(task_tag);
}

void TargetSession::respond(uint32_t task_tag, const Task& task, const Completion& completion) {
    ScsiResponsePdu pdu;
    pdu.task_tag = task_tag;
    pdu.status = static_cast<uint8_t>(completion.status);
    pdu.exp_data_sn = task.pdu.read ? task.data_sn : task.r2t_sn;
    pdu.overflow = completion.length > task.pdu.expected_length;
    pdu.underflow = completion.length < task.pdu.expected_length;
    pdu.residual_count = residual(completion.length, task.pdu.expected_length);
    std::vector<uint8_t> sense;
    if (!completion.sense.empty()) {
        sense.resize(2 + completion.sense.size());
        store_be16(sense.data(), static_cast<uint16_t>(completion.sense.size()));
        std::ranges::copy(completion.sense, sense.begin() + 2);
    }
    push(pdu.encode(), sense);
}

}  // namespace bootwire::iscsi
