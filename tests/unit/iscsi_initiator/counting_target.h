// A target that looks at nothing but the count of commands (RFC 7143 section 4.2.2.1), and is as
// strict about it as one may be: LIO rejects immediate SCSI commands, and all ignore what is not
// next, or beyond their window.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "iscsi/pdu_scsi.h"
#include "iscsi/serial_number.h"
#include "iscsi_initiator/claim.h"
#include "iscsi_initiator/login.h"
#include "iscsi_initiator/task_client.h"
#include "reserving_target.h"

namespace bootwire::iscsi {

class CountingTarget {
  public:
    /// As after a login with this CmdSN. window: commands that it takes at a time.
    explicit CountingTarget(uint32_t cmd_sn, uint32_t commands = 32)
        : window(commands), exp_cmd_sn_(cmd_sn), max_cmd_sn_(cmd_sn + commands - 1) {}

    uint32_t window;
    bool answers_backwards = false;  ///< the last command first
    ReservingTarget unit;
    int nexus = 1;

    uint32_t exp_cmd_sn() const { return exp_cmd_sn_; }
    uint32_t stat_sn() const { return stat_sn_; }
    size_t most_at_once() const { return most_at_once_; }

    LoginResult login() const {
        LoginResult login;
        login.parameters.immediate_data = true;
        login.cmd_sn = login.exp_cmd_sn = exp_cmd_sn_;
        login.max_cmd_sn = max_cmd_sn_;
        login.exp_stat_sn = stat_sn_;
        return login;
    }

    /// Until the client has nothing more to say.
    void talk_to(TaskClient& client) {
        for (;;) {
            while (const auto pdu = client.next_pdu())
                take(*pdu);
            most_at_once_ = std::max(most_at_once_, commands_.size());
            if (commands_.empty()) return;
            const Command command = answers_backwards ? commands_.back() : commands_.front();
            commands_.erase(answers_backwards ? commands_.end() - 1 : commands_.begin());
            answer(client, command);
        }
    }

    void open_window(TaskClient& client) {
        move_window();
        NopInPdu pdu;
        pdu.stat_sn = stat_sn_;
        pdu.exp_cmd_sn = exp_cmd_sn_;
        pdu.max_cmd_sn = max_cmd_sn_;
        client.receive_pdu({pdu.encode(), {}});
    }

  private:
    struct Command {
        ScsiCommandPdu pdu;
        std::vector<uint8_t> data;
    };

    void take(const PduView& pdu) {
        const auto command = ScsiCommandPdu::decode(pdu.bhs);
        ASSERT_TRUE(command);
        ASSERT_FALSE(is_immediate(pdu.bhs)) << "illegally set immediate bit";
        ASSERT_EQ(command->cmd_sn, exp_cmd_sn_);
        ASSERT_FALSE(is_after(command->cmd_sn, max_cmd_sn_)) << "beyond the window";
        ++exp_cmd_sn_;
        commands_.push_back({*command, {pdu.data.begin(), pdu.data.end()}});
    }

    void answer(TaskClient& client, const Command& command) {
        ScsiCommand scsi;
        scsi.cdb = command.pdu.cdb;
        std::ranges::copy(command.data, scsi.out.begin());
        const ReservingTarget::Reply reply = unit.carry_out(nexus, scsi);
        move_window();
        if (!reply.data.empty()) {
            Bhs bhs{};
            bhs[0] = static_cast<uint8_t>(Opcode::data_in);
            store_be32(&bhs[16], command.pdu.task_tag);
            client.receive_pdu({bhs, reply.data});
        }
        ScsiResponsePdu response;
        response.status = static_cast<uint8_t>(reply.status);
        response.task_tag = command.pdu.task_tag;
        response.stat_sn = stat_sn_++;
        response.exp_cmd_sn = exp_cmd_sn_;
        response.max_cmd_sn = max_cmd_sn_;
        std::vector<uint8_t> sense;
        if (!reply.sense.empty()) {
            sense = {0, static_cast<uint8_t>(reply.sense.size())};
            sense.insert(sense.end(), reply.sense.begin(), reply.sense.end());
        }
        client.receive_pdu({response.encode(), sense});
    }

    void move_window() {
        max_cmd_sn_ = exp_cmd_sn_ - 1 + window - static_cast<uint32_t>(commands_.size());
    }

    uint32_t exp_cmd_sn_;
    uint32_t max_cmd_sn_;
    uint32_t stat_sn_ = 40;
    std::vector<Command> commands_;
    size_t most_at_once_ = 0;
};

}  // namespace bootwire::iscsi
