// A session of the target in memory, and an initiator's PDUs for it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "iscsi_target/target_session.h"

namespace bootwire::iscsi {

struct SentPdu {
    Bhs bhs{};
    std::vector<uint8_t> data;
};

class SessionFixture : public testing::Test {
  protected:
    static LoginServerResult login() {
        LoginServerResult result;
        result.parameters.initial_r2t = false;
        result.parameters.max_burst = 1024;
        result.parameters.first_burst = 512;
        result.parameters.max_xmit_dlength = 512;
        result.cid = 3;
        result.stat_sn = 100;
        result.exp_cmd_sn = 10;
        result.max_cmd_sn = 13;
        return result;
    }
    static constexpr SessionLimits limits{
        .commands = 4, .immediate_commands = 2, .answers_to_send = 16};

    void begin(const LoginServerResult& result, SessionType type = SessionType::normal) {
        session.emplace(result, type, limits);
        cmd_sn = result.exp_cmd_sn;
    }
    SessionFixture() { begin(login()); }

    void receive(const Bhs& header, Bytes data = {}, Bytes additional = {}) {
        Bhs bhs = header;
        set_data_length(bhs, static_cast<uint32_t>(data.size()));
        last_header = bhs;
        session->receive_pdu({bhs, data}, additional);
    }
    ScsiCommandPdu command(uint32_t tag, uint32_t expected = 0) {
        ScsiCommandPdu pdu;
        pdu.task_tag = tag;
        pdu.lun = lun;
        pdu.expected_length = expected;
        pdu.cmd_sn = cmd_sn;
        return pdu;
    }
    void read(uint32_t tag, uint32_t expected) {
        auto pdu = command(tag, expected);
        pdu.read = true;
        ++cmd_sn;
        receive(pdu.encode());
        EXPECT_EQ(event().kind, SessionEvent::Kind::command);
    }
    void write(uint32_t tag, uint32_t expected, Bytes immediate = {}, bool final = true) {
        auto pdu = command(tag, expected);
        pdu.write = true;
        pdu.final = final;
        ++cmd_sn;
        receive(pdu.encode(), immediate);
        EXPECT_EQ(event().kind, SessionEvent::Kind::command);
    }
    void data_out(uint32_t tag, uint32_t transfer_tag, uint32_t sn, uint32_t offset, bool final,
                  Bytes data) {
        DataOutPdu pdu;
        pdu.task_tag = tag;
        pdu.lun = lun;
        pdu.target_transfer_tag = transfer_tag;
        pdu.data_sn = sn;
        pdu.buffer_offset = offset;
        pdu.final = final;
        receive(pdu.encode(), data);
    }
    TaskManagementRequestPdu management(TaskManagement function,
                                        uint32_t referenced = reserved_tag) {
        TaskManagementRequestPdu pdu;
        pdu.function = function;
        pdu.task_tag = 900;
        pdu.lun = lun;
        pdu.referenced_task_tag = referenced;
        pdu.cmd_sn = cmd_sn;
        return pdu;
    }
    /// The next one; there has to be one.
    SessionEvent event() {
        auto next = session->next_event();
        EXPECT_TRUE(next);
        return next ? *next : SessionEvent(SessionEvent::Kind::pong);
    }
    bool no_event() { return !session->next_event(); }
    SentPdu sent() {
        const auto pdu = session->next_pdu();
        EXPECT_TRUE(pdu);
        if (!pdu) return {};
        return {pdu->header, {pdu->view().data.begin(), pdu->view().data.end()}};
    }
    template <class Pdu>
    Pdu sent_as() {
        const SentPdu pdu = sent();
        last_data = pdu.data;
        const auto decoded = Pdu::decode(pdu.bhs);
        EXPECT_TRUE(decoded) << int{pdu.bhs[0]};
        return decoded.value_or(Pdu{});
    }
    bool nothing_sent() { return !session->next_pdu(); }
    /// A Reject for the last header, and the end.
    void expect_failure(RejectReason reason = RejectReason::protocol_error) {
        const auto pdu = sent_as<RejectPdu>();
        EXPECT_EQ(pdu.reason, static_cast<uint8_t>(reason));
        EXPECT_TRUE(std::ranges::equal(last_data, last_header));
        EXPECT_EQ(session->state(), SessionState::closed);
    }

    Lun lun{uint64_t{1} << 48};
    uint32_t cmd_sn = 0;
    std::optional<TargetSession> session;
    Bhs last_header{};
    std::vector<uint8_t> last_data;
    std::vector<uint8_t> bytes = [] {
        std::vector<uint8_t> some(8192);
        for (size_t i = 0; i < some.size(); ++i)
            some[i] = static_cast<uint8_t>(i * 7 + i / 256);
        return some;
    }();
    Bytes some(size_t from, size_t count) const { return Bytes(bytes).subspan(from, count); }
};

}  // namespace bootwire::iscsi
