// What a session does with each PDU, and how its own are numbered.
#include "iscsi_target/target_session.h"

#include <algorithm>

#include "iscsi/serial_number.h"

namespace bootwire::iscsi {

namespace {

using Kind = SessionEvent::Kind;

constexpr uint8_t event_scsi = 0;
constexpr uint8_t event_logout = 1;
constexpr uint8_t logout_closed = 0;
constexpr uint8_t logout_no_such_connection = 1;
constexpr uint8_t logout_no_recovery = 2;
constexpr size_t max_managements = 32;

}  // namespace

TargetSession::TargetSession(const LoginServerResult& login, SessionType type,
                             const SessionLimits& limits)
    : parameters_(login.parameters),
      type_(type),
      limits_(limits),
      cid_(login.cid),
      stat_sn_(login.stat_sn),
      exp_cmd_sn_(login.exp_cmd_sn),
      max_cmd_sn_(login.max_cmd_sn) {}

SessionState TargetSession::state() const {
    return state_ == SessionState::closing && to_send_.empty() ? SessionState::closed : state_;
}

void TargetSession::receive_pdu(const PduView& pdu, Bytes additional_header) {
    if (state_ != SessionState::open) return;
    std::ranges::copy(pdu.bhs, received_.begin());
    const BhsView bhs = received_;
    const Opcode opcode = opcode_of(bhs);
    // Data-Out and SNACK have no CmdSN; who sends what there is not, is not counted.
    if (const auto data = DataOutPdu::decode(bhs)) return on_data(*data, pdu.data);
    if (opcode == Opcode::snack_request) return reject(RejectReason::snack);
    const bool is_known = opcode == Opcode::scsi_command || opcode == Opcode::nop_out ||
                          opcode == Opcode::task_management_request ||
                          opcode == Opcode::text_request || opcode == Opcode::logout_request;
    if (!is_known) return fail();  // a login, or something that targets say
    if (type_ == SessionType::discovery &&
        (opcode == Opcode::scsi_command || opcode == Opcode::task_management_request)) {
        return fail();
    }
    if (!take_number(bhs, is_immediate(bhs))) return;
    switch (opcode) {
        case Opcode::scsi_command:
            return on_command(*ScsiCommandPdu::decode(bhs), pdu.data, additional_header);
        case Opcode::nop_out:
            return on_nop(*NopOutPdu::decode(bhs), pdu.data);
        case Opcode::task_management_request:
            return on_task_management(*TaskManagementRequestPdu::decode(bhs));
        case Opcode::text_request:
            return on_text(*TextRequestPdu::decode(bhs), pdu.data);
        default:
            return on_logout(*LogoutRequestPdu::decode(bhs));
    }
}

/// Section 4.2.2.1: what is outside of the window, or there a second time, is ignored. On one
/// connection the numbers come in their order: a gap is never filled.
bool TargetSession::take_number(BhsView bhs, bool immediate) {
    if (immediate) return true;
    const uint32_t cmd_sn = initiator_numbers_of(bhs).cmd_sn;
    if (is_after(exp_cmd_sn_, cmd_sn) || is_after(cmd_sn, max_cmd_sn_)) return false;
    if (cmd_sn != exp_cmd_sn_) {
        fail();
        return false;
    }
    ++exp_cmd_sn_;
    return true;
}

/// It never goes back (section 4.2.2.1), and stands still while the session has its fill.
uint32_t TargetSession::max_cmd_sn() {
    const size_t busy = std::min<size_t>(tasks_.size() - immediate_tasks_, limits_.commands);
    const uint32_t room = limits_.commands - static_cast<uint32_t>(busy);
    const uint32_t now = exp_cmd_sn_ + room - 1;
    if (is_after(now, max_cmd_sn_)) max_cmd_sn_ = now;
    return max_cmd_sn_;
}

/// Sections 11.18 and 11.19.
void TargetSession::on_nop(const NopOutPdu& nop, Bytes data) {
    if (nop.task_tag == reserved_tag) {
        if (!nop.immediate) return fail();  // it would take a number that nobody answers
        if (ping_tag_ && nop.target_transfer_tag == *ping_tag_) {
            ping_tag_.reset();
            tell(SessionEvent(Kind::pong));
        }
        return;
    }
    if (nop.target_transfer_tag != reserved_tag) return fail();
    NopInPdu answer;
    answer.lun = nop.lun;
    answer.task_tag = nop.task_tag;
    push(answer.encode(), data.first(std::min<size_t>(data.size(), parameters_.max_xmit_dlength)));
}

bool TargetSession::ping() {
    if (type_ != SessionType::normal || state_ != SessionState::open || ping_tag_) return false;
    NopInPdu ping;
    ping.target_transfer_tag = new_tag();
    ping_tag_ = ping.target_transfer_tag;
    push(ping.encode());
    return true;
}

/// Sections 11.14 and 11.15.
void TargetSession::on_logout(const LogoutRequestPdu& request) {
    LogoutResponsePdu response;
    response.task_tag = request.task_tag;
    response.response = logout_closed;
    if (request.reason == LogoutReason::for_recovery) response.response = logout_no_recovery;
    if (request.reason == LogoutReason::close_connection && request.cid != cid_) {
        response.response = logout_no_such_connection;
    }
    if (request.reason > LogoutReason::for_recovery) return fail();
    push(response.encode());
    if (response.response != logout_closed) return;
    tell(SessionEvent(Kind::logged_out));
    close();
}

/// Sections 11.5 and 11.6. What the tasks of others are to be done, whoever runs them knows.
void TargetSession::on_task_management(const TaskManagementRequestPdu& request) {
    if (managements_.contains(request.task_tag)) return reject(RejectReason::task_in_progress);
    if (managements_.size() == max_managements) return reject(RejectReason::out_of_resources);
    Management management{request, {}};
    const auto answer_at_once = [&](TaskManagementAnswer answer) {
        managements_.emplace(request.task_tag, std::move(management));
        answer_task_management(request.task_tag, answer);
    };
    switch (request.function) {
        case TaskManagement::task_reassign:
            return answer_at_once(TaskManagementAnswer::no_reassignment);
        case TaskManagement::abort_task: {
            const auto task = tasks_.find(request.referenced_task_tag);
            if (task == tasks_.end() || task->second.pdu.lun != request.lun) {
                return answer_at_once(TaskManagementAnswer::no_such_task);
            }
            management.tasks.push_back(task->first);
            break;
        }
        case TaskManagement::abort_task_set:
        case TaskManagement::clear_task_set:
        case TaskManagement::logical_unit_reset:
        case TaskManagement::target_warm_reset:
        case TaskManagement::target_cold_reset:
            for (const auto& [tag, task] : tasks_) {
                const bool all_luns = request.function == TaskManagement::target_warm_reset ||
                                      request.function == TaskManagement::target_cold_reset;
                if (all_luns || task.pdu.lun == request.lun) management.tasks.push_back(tag);
            }
            break;
        case TaskManagement::clear_aca:
            break;
        default:
            return answer_at_once(TaskManagementAnswer::not_supported);
    }
    for (const uint32_t tag : management.tasks)
        tasks_.at(tag).given_up = true;
    SessionEvent event(Kind::task_management, request.task_tag);
    event.management = request;
    event.tasks = management.tasks;
    managements_.emplace(request.task_tag, std::move(management));
    tell(std::move(event));
}

void TargetSession::answer_task_management(uint32_t task_tag, TaskManagementAnswer answer) {
    const auto found = managements_.find(task_tag);
    if (found == managements_.end()) return;
    for (const uint32_t tag : found->second.tasks) {
        const auto task = tasks_.find(tag);
        if (task == tasks_.end()) continue;
        if (answer != TaskManagementAnswer::complete) {
            task->second.given_up = false;
            continue;
        }
        if (task->second.immediate) --immediate_tasks_;
        tasks_.erase(task);
    }
    managements_.erase(found);
    TaskManagementResponsePdu response;
    response.task_tag = task_tag;
    response.response = answer;
    push(response.encode());
}

void TargetSession::ask_for_logout(uint16_t within_s) {
    AsyncMessagePdu message;
    message.event = event_logout;
    message.parameters[2] = within_s;
    push(message.encode());
}

void TargetSession::announce(Lun lun, Bytes sense) {
    AsyncMessagePdu message;
    message.lun = lun;
    message.event = event_scsi;
    std::vector<uint8_t> data(2 + sense.size());
    store_be16(data.data(), static_cast<uint16_t>(sense.size()));
    std::ranges::copy(sense, data.begin() + 2);
    push(message.encode(), data);
}

/// Section 11.17, with the header at hand.
void TargetSession::reject(RejectReason reason) {
    RejectPdu pdu;
    pdu.reason = static_cast<uint8_t>(reason);
    push(pdu.encode(), received_);
}

/// What breaks the protocol ends the session at ERL 0 (section 7.1.3).
void TargetSession::fail() {
    if (state_ != SessionState::open) return;
    reject(RejectReason::protocol_error);
    close();
}

void TargetSession::close() {
    if (state_ == SessionState::open) state_ = SessionState::closing;
}

void TargetSession::push(const Bhs& header, Bytes own_data, Bytes lent_data) {
    if (state_ != SessionState::open) return;
    OutgoingPdu pdu{header, {own_data.begin(), own_data.end()}, lent_data};
    set_data_length(pdu.header, static_cast<uint32_t>(pdu.view().data.size()));
    if (lent_data.empty()) ++answers_to_send_;
    to_send_.push_back(std::move(pdu));
    if (answers_to_send_ <= limits_.answers_to_send) return;
    to_send_.clear();
    close();
}

std::optional<SessionEvent> TargetSession::next_event() {
    if (events_.empty()) return std::nullopt;
    SessionEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
}

std::optional<OutgoingPdu> TargetSession::next_pdu() {
    if (to_send_.empty()) return std::nullopt;
    OutgoingPdu pdu = std::move(to_send_.front());
    to_send_.pop_front();
    if (pdu.lent_data.empty()) --answers_to_send_;
    const bool tells_it = has_target_numbers(pdu.header);
    set_target_numbers(pdu.header, {tells_it ? stat_sn_ : 0, exp_cmd_sn_, max_cmd_sn()});
    if (takes_stat_sn(pdu.header)) ++stat_sn_;
    return pdu;
}

uint32_t TargetSession::new_tag() {
    if (next_tag_ == reserved_tag) next_tag_ = 1;
    return next_tag_++;
}

}  // namespace bootwire::iscsi
