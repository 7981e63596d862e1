// A session that gets lost, for the tests of what happens then.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "iscsi/pdu.h"
#include "iscsi/scsi.h"
#include "keeper/recovery.h"

namespace bootwire::keeper {

using namespace std::chrono_literals;

inline const plan::Portal first_portal{IpAddress::v4(10, 0, 0, 1), 3260};
inline const plan::Portal second_portal{IpAddress::v4(10, 0, 0, 2), 3260};

inline session::Account account() {
    session::Account account;
    account.initiator = "iqn.2026-11.local.bootwire:test";
    account.target = "iqn.2026-11.local.bootwire:disk";
    return account;
}

/// The data segment of a PDU that carries sense data in fixed format (RFC 7143 section 11.4.7.2).
inline std::vector<uint8_t> data_with(const iscsi::Sense& sense) {
    std::vector<uint8_t> data(20);
    data[1] = 18;
    data[2] = 0x70;
    data[4] = sense.key;
    data[14] = sense.code;
    data[15] = sense.qualifier;
    return data;
}

template <class Action>
size_t count(const RecoveryActions& actions) {
    return static_cast<size_t>(std::ranges::count_if(
        actions, [](const auto& action) { return std::holds_alternative<Action>(action); }));
}

template <class Action>
const Action* first(const RecoveryActions& actions) {
    for (const RecoveryAction& action : actions) {
        if (const auto* found = std::get_if<Action>(&action)) return found;
    }
    return nullptr;
}

/// As a target answers that has no wish of its own (RFC 7143 section 13).
inline std::string operational_keys(std::string_view header_digest) {
    static constexpr char other_keys[] =
        "\0DataDigest=None\0InitialR2T=Yes\0ImmediateData=Yes\0"
        "MaxBurstLength=262144\0FirstBurstLength=65536\0DefaultTime2Wait=2\0"
        "DefaultTime2Retain=0\0MaxOutstandingR2T=1\0DataPDUInOrder=Yes\0"
        "DataSequenceInOrder=Yes\0ErrorRecoveryLevel=0\0MaxConnections=1";
    return "HeaderDigest=" + std::string(header_digest) +
           std::string(other_keys, sizeof other_keys);
}

class RecoveryTest : public testing::Test {
  protected:
    explicit RecoveryTest(std::vector<plan::Portal> portals = {first_portal})
        : recovery_(account_, std::move(portals), [] { return 40u; }) {}  // no jitter: 60 + 40 %

    /// A login response as a target gives it that takes every offer as it is.
    RecoveryActions answer(uint8_t status_class = 0, uint8_t status_detail = 0,
                           std::string_view text = {}) {
        iscsi::LoginResponsePdu response;
        response.transit = status_class == 0;
        response.current = stage_;
        response.next = iscsi::Stage::full_feature;
        response.tsih = 1;
        response.status_class = status_class;
        response.status_detail = status_detail;
        const iscsi::Bhs bhs = response.encode();
        return recovery_.on_pdu({bhs, bytes_of(text)}, now_);
    }

    /// A target without an opinion takes the next step of a login.
    RecoveryActions accept(const iscsi::LoginRequestPdu& request,
                           std::string_view header_digest = "None") {
        iscsi::LoginResponsePdu response;
        response.transit = request.transit;
        response.current = request.current;
        response.next = request.next;
        response.tsih = 7;
        response.stat_sn = 20;
        response.task_tag = request.task_tag;
        const iscsi::Bhs bhs = response.encode();
        const std::string text = request.current == iscsi::Stage::security
                                     ? std::string("AuthMethod=None\0", 16)
                                     : operational_keys(header_digest);
        return recovery_.on_pdu({bhs, bytes_of(text)}, now_);
    }

    /// Follows the login until the kernel is to start the session; the target has no opinion.
    void log_in() {
        RecoveryActions actions = recovery_.on_connected(now_);
        for (int i = 0; i < 4; ++i) {
            const auto* sent = first<SendPdu>(actions);
            if (sent == nullptr) break;
            const auto request = iscsi::LoginRequestPdu::decode(sent->header);
            ASSERT_TRUE(request);
            EXPECT_EQ(request->tsih, 0) << "a session of its own, which reinstates the lost one";
            actions = accept(*request);
        }
        EXPECT_EQ(count<Start>(actions), 1u);
        EXPECT_EQ(recovery_.state(), Recovery::State::starting);
    }

    /// How long the target's answer is waited for.
    void expect_patience(Milliseconds patience) {
        EXPECT_GE(*recovery_.next_deadline() - now_, patience * 3 / 4);
        EXPECT_LE(*recovery_.next_deadline() - now_, patience * 5 / 4);
    }

    RecoveryActions wait_for_timer() {
        EXPECT_TRUE(recovery_.next_deadline());
        now_ = *recovery_.next_deadline();
        return recovery_.on_timer(now_);
    }

    session::Account account_ = account();
    Moment now_ = 100s;
    iscsi::Stage stage_ = iscsi::Stage::security;
    Recovery recovery_;
};

}  // namespace bootwire::keeper
