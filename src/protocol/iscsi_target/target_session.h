// A session in the full feature phase, seen from the target (RFC 7143 section 4.2 and 11), without
// sockets, clocks and disks: PDUs in; PDUs to send, and events for whoever carries commands out.
// ERL 0, one connection.
//
//     TargetSession session(login.result(), login.identity().session_type, limits);
//     session.receive_pdu(pdu, additional header);
//     while (auto event = session.next_event()) act upon it: want_data(), send_data(), complete()…
//     while (auto pdu = session.next_pdu()) send it;
//     state() closed: the connection ends
//
// What breaks the protocol is answered with a Reject, and ends this connection alone.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "iscsi/pdu_scsi.h"
#include "iscsi/scsi.h"
#include "iscsi/text_keys.h"
#include "iscsi_target/login_server.h"

namespace bootwire::iscsi {

struct SessionLimits {
    /// Commands under way: what MaxCmdSN lets come.
    uint32_t commands = 32;
    /// Immediate ones, which MaxCmdSN does not hold back; more are rejected.
    uint32_t immediate_commands = 8;
    /// PDUs without data of a disk that wait to be sent, because the initiator asks and does not
    /// read. More end the connection.
    size_t answers_to_send = 1024;
};

struct SessionEvent {
    enum class Kind : uint8_t {
        command,          ///< a task begins: command
        data,             ///< from the initiator, in order: task_tag, offset, data
        data_complete,    ///< all that want_data() asked for is there: task_tag
        task_management,  ///< management; affected tasks are to be given up: tasks. Then
                          ///< answer_task_management()
        targets_wanted,   ///< SendTargets: text is All, a name, or empty. Then answer_targets()
        pong,             ///< the answer to ping()
        logged_out,       ///< all tasks end; the connection does, once all is sent
    };
    struct Command {
        ScsiCommandPdu pdu;
        std::vector<uint8_t> more_cdb;  ///< from the 17th byte on
    };

    explicit SessionEvent(Kind what, uint32_t tag = 0) : kind(what), task_tag(tag) {}

    Kind kind;
    uint32_t task_tag;
    Command command;
    uint32_t offset = 0;
    Bytes data;  ///< of the PDU received last: valid until the next one
    TaskManagementRequestPdu management;
    std::vector<uint32_t> tasks;
    std::string text;
};

/// How a command ended.
struct Completion {
    ScsiStatus status = ScsiStatus::good;
    Bytes sense{};  ///< with check_condition; copied
    /// Bytes that the command as such moves, by its CDB: compared with what the initiator expects,
    /// the residual (section 11.4.5).
    uint64_t length = 0;
};

struct OutgoingPdu {
    Bhs header{};
    std::vector<uint8_t> own_data;
    Bytes lent_data;  ///< of send_data(), where it lies

    PduView view() const { return {header, lent_data.empty() ? Bytes(own_data) : lent_data}; }
};

enum class SessionState : uint8_t {
    open,
    closing,  ///< what waits is still to be sent; nothing is received any more
    closed,
};

class TargetSession {
  public:
    TargetSession(const LoginServerResult& login, SessionType type, const SessionLimits& limits);
    TargetSession(const TargetSession&) = delete;
    TargetSession& operator=(const TargetSession&) = delete;

    SessionState state() const;
    /// The header is there, its data are not: where they belong. Nothing: they are of a PDU that
    /// will be refused, or of none that moves a disk's data.
    struct Place {
        uint32_t task_tag;
        uint32_t offset;
        uint32_t length;
    };
    std::optional<Place> place_of(BhsView bhs) const;
    void receive_pdu(const PduView& pdu, Bytes additional_header = {});
    std::optional<SessionEvent> next_event();
    /// The next PDU, numbered for this moment; it is to be sent before the next one.
    std::optional<OutgoingPdu> next_pdu();
    size_t pdus_waiting() const { return to_send_.size(); }
    /// Commands that have not been completed.
    size_t tasks() const { return tasks_.size(); }

    // For whoever carries commands out. Of a task that is no longer there, nothing happens.

    /// The command takes this much from the initiator, no more than it announced: what has not
    /// come unsolicited is asked for.
    void want_data(uint32_t task_tag, uint32_t length);
    /// The next bytes of what the command reads, to be left alone until next_pdu() has given all of
    /// them; what the initiator does not expect is cut.
    void send_data(uint32_t task_tag, Bytes data) { send_data(task_tag, data, nullptr); }
    /// Ends the command, after the last of its data: a good status goes with them (section 11.7.3).
    void complete(uint32_t task_tag, const Completion& completion, Bytes last_data = {});
    void answer_task_management(uint32_t task_tag, TaskManagementAnswer answer);
    /// text: pairs of TargetName and TargetAddress; without any, nothing is told.
    void answer_targets(Bytes text);

    /// Asks whether the initiator is there, once at a time; not in a Discovery session, where
    /// nobody has to answer. False if it does not ask.
    bool ping();
    bool awaits_pong() const { return ping_tag_.has_value(); }
    /// Asks the initiator to log out within so many seconds (section 11.9, event 1).
    void ask_for_logout(uint16_t within_s);
    /// A unit attention and the like: sense data for a LUN, without a command.
    void announce(Lun lun, Bytes sense);

  private:
    struct Transfer {  ///< what an R2T asked for
        uint32_t tag = 0;
        uint32_t offset = 0;
        uint32_t length = 0;
        uint32_t arrived = 0;
        uint32_t data_sn = 0;
    };
    struct Task {
        ScsiCommandPdu pdu;
        bool immediate = false;
        bool given_up = false;         ///< by task management that is not answered yet
        uint32_t arrived = 0;          ///< bytes, in order
        bool unsolicited_over = true;  ///< nothing more comes unasked
        uint32_t unsolicited_sn = 0;
        std::optional<uint32_t> wanted;
        bool told_complete = false;
        uint32_t asked = 0;  ///< bytes that R2Ts cover, or that came unsolicited
        uint32_t r2t_sn = 0;
        std::deque<Transfer> transfers;
        uint32_t sent = 0;  ///< bytes
        uint32_t data_sn = 0;
        uint32_t burst = 0;  ///< bytes since the last F bit
    };
    struct Management {
        TaskManagementRequestPdu pdu;
        std::vector<uint32_t> tasks;
    };

    // target_session.cpp
    bool take_number(BhsView bhs, bool immediate);
    uint32_t max_cmd_sn();
    void on_nop(const NopOutPdu& nop, Bytes data);
    void on_logout(const LogoutRequestPdu& request);
    void on_task_management(const TaskManagementRequestPdu& request);
    void reject(RejectReason reason);
    void fail();
    void close();
    void push(const Bhs& header, Bytes own_data = {}, Bytes lent_data = {});
    void tell(SessionEvent event) { events_.push_back(std::move(event)); }
    uint32_t new_tag();

    // session_tasks.cpp
    void on_command(const ScsiCommandPdu& command, Bytes data, Bytes additional_header);
    bool has_sound_data(const ScsiCommandPdu& command, size_t length) const;
    void on_data(const DataOutPdu& pdu, Bytes data);
    bool take_unsolicited(Task& task, const DataOutPdu& pdu, uint32_t length) const;
    bool take_solicited(Task& task, const DataOutPdu& pdu, uint32_t length) const;
    void deliver(uint32_t task_tag, Task& task, Bytes data);
    void ask_for_more(uint32_t task_tag, Task& task);
    void send_data(uint32_t task_tag, Bytes data, const Completion* completion);
    void respond(uint32_t task_tag, const Task& task, const Completion& completion);
    Task* find(uint32_t task_tag);

    // session_text.cpp
    void on_text(const TextRequestPdu& request, Bytes data);
    void answer_text();
    void take_text_pair(TextPair pair, TextKeyWriter& answers);
    void send_text();

    OperationalParameters parameters_;
    SessionType type_;
    SessionLimits limits_;
    uint16_t cid_ = 0;
    SessionState state_ = SessionState::open;
    uint32_t stat_sn_;
    uint32_t exp_cmd_sn_;
    uint32_t max_cmd_sn_;
    uint32_t immediate_tasks_ = 0;
    uint32_t strays_ = 0;
    uint32_t next_tag_ = 1;
    std::optional<uint32_t> ping_tag_;
    Bhs received_{};  ///< the header at hand
    std::map<uint32_t, Task> tasks_;
    std::map<uint32_t, Management> managements_;
    std::deque<SessionEvent> events_;
    std::deque<OutgoingPdu> to_send_;
    size_t answers_to_send_ = 0;

    std::optional<TextRequestPdu> text_request_;  ///< under way
    std::vector<uint8_t> text_in_;
    std::vector<uint8_t> text_out_;
    size_t text_sent_ = 0;
    uint32_t text_tag_ = reserved_tag;  ///< of the part that comes next
    bool targets_due_ = false;
};

}  // namespace bootwire::iscsi
