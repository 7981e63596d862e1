// A session of the target, fed with any bytes as a stream of PDUs, and with a disk that takes and
// gives all that is asked for. First byte: what was negotiated at login.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "iscsi/serial_number.h"
#include "iscsi_target/target_session.h"

using namespace bootwire;
using namespace bootwire::iscsi;
using namespace std::literals;

namespace {

LoginServerResult login_of(uint8_t what) {
    LoginServerResult login;
    login.parameters.immediate_data = (what & 1) != 0;
    login.parameters.initial_r2t = (what & 2) != 0;
    login.parameters.max_burst = 1024;
    login.parameters.first_burst = 512;
    login.parameters.max_xmit_dlength = 512;
    login.parameters.max_outstanding_r2t = (what & 4) != 0 ? 3 : 1;
    login.exp_cmd_sn = 1;
    login.max_cmd_sn = 4;
    return login;
}

class Run {
  public:
    explicit Run(uint8_t what)
        : session_(login_of(what), (what & 8) != 0 ? SessionType::discovery : SessionType::normal,
                   {.commands = 4, .immediate_commands = 2, .answers_to_send = 64}),
          lazy_((what & 16) != 0) {}

    bool is_over() const { return session_.state() != SessionState::open; }

    void receive(const PduView& pdu, Bytes additional_header) {
        if (const auto place = session_.place_of(pdu.bhs);
            place && place->length != pdu.data.size())
            std::abort();
        session_.receive_pdu(pdu, additional_header);
        while (const auto event = session_.next_event())
            act(*event);
        while (!lazy_ || is_over()) {
            const auto sent = session_.next_pdu();
            if (!sent) break;
            look_at(*sent);
        }
        if (session_.pdus_waiting() > 4096) std::abort();
    }

  private:
    struct Task {
        uint32_t expected = 0;
        uint32_t arrived = 0;
    };

    void act(const SessionEvent& event) {
        switch (event.kind) {
            case SessionEvent::Kind::command: {
                const ScsiCommandPdu& pdu = event.command.pdu;
                tasks_[event.task_tag] = {pdu.expected_length, 0};
                if (pdu.cdb[0] == 0xff) return;  // it never ends
                if (pdu.write) return session_.want_data(event.task_tag, pdu.expected_length);
                Completion completion;
                completion.length = load_be16(&pdu.cdb[1]);
                if (pdu.cdb[0] == 1) completion.status = ScsiStatus::busy;
                return session_.complete(
                    event.task_tag, completion,
                    Bytes(disk_).first(std::min<size_t>(completion.length, disk_.size())));
            }
            case SessionEvent::Kind::data: {
                Task& task = tasks_.at(event.task_tag);
                if (event.offset != task.arrived ||
                    event.data.size() > task.expected - task.arrived)
                    std::abort();
                task.arrived += static_cast<uint32_t>(event.data.size());
                return;
            }
            case SessionEvent::Kind::data_complete:
                if (tasks_.at(event.task_tag).arrived != tasks_.at(event.task_tag).expected)
                    std::abort();
                return session_.complete(event.task_tag, {});
            case SessionEvent::Kind::task_management:
                return session_.answer_task_management(event.task_tag,
                                                       event.management.ref_cmd_sn % 2 == 0
                                                           ? TaskManagementAnswer::complete
                                                           : TaskManagementAnswer::rejected);
            case SessionEvent::Kind::targets_wanted:
                return session_.answer_targets(bytes_of(targets_));
            case SessionEvent::Kind::pong:
            case SessionEvent::Kind::logged_out:
                return;
        }
    }

    /// MaxCmdSN never goes back; no PDU is longer than the initiator takes.
    void look_at(const OutgoingPdu& sent) {
        const PduView pdu = sent.view();
        if (data_length_of(pdu.bhs) != pdu.data.size() || pdu.data.size() > 0xffffff) std::abort();
        const uint32_t max_cmd_sn = target_numbers_of(pdu.bhs).max_cmd_sn;
        if (is_after(max_cmd_sn_, max_cmd_sn)) std::abort();
        max_cmd_sn_ = max_cmd_sn;
    }

    TargetSession session_;
    bool lazy_;
    uint32_t max_cmd_sn_ = 4;
    std::map<uint32_t, Task> tasks_;
    std::vector<uint8_t> disk_ = std::vector<uint8_t>(4096, 0x5a);
    std::string targets_ = "TargetName=iqn.2026-11.x:a\0TargetAddress=192.0.2.1:3260,1\0"s;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 1) return 0;
    static std::array<uint8_t, longest_frame(2048)> storage;
    FrameReader frames(storage);
    Run run(data[0]);
    Bytes rest(data + 1, size - 1);
    while (!rest.empty() && !run.is_over()) {
        rest = rest.subspan(frames.feed(rest));
        if (frames.state() == FrameState::needs_more) continue;
        if (frames.state() != FrameState::ready) break;
        run.receive(frames.pdu(), frames.additional_header());
        frames.next();
    }
    return 0;
}
