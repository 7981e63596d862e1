// The initiator's own clients against the target's session: a disk is reserved, and targets are
// found.
#include "both_sides.h"
#include "iscsi_initiator/discovery.h"
#include "iscsi_initiator/task_client.h"
#include "iscsi_target/target_session.h"
#include "reserving_target.h"

namespace bootwire::iscsi {
namespace {

/// Carries out a client's commands by a ReservingTarget.
class Disk {
  public:
    Disk(TargetSession& session, ReservingTarget& unit) : session_(session), unit_(unit) {}

    void act(const SessionEvent& event) {
        switch (event.kind) {
            case SessionEvent::Kind::command:
                pdu_ = event.command.pdu;
                command_ = {};
                command_.cdb = pdu_.cdb;
                if (pdu_.write) return session_.want_data(event.task_tag, pdu_.expected_length);
                return finish(event.task_tag);
            case SessionEvent::Kind::data:
                std::ranges::copy(event.data, command_.out.begin() + event.offset);
                return;
            case SessionEvent::Kind::data_complete:
                return finish(event.task_tag);
            default:
                ADD_FAILURE() << static_cast<int>(event.kind);
        }
    }

  private:
    void finish(uint32_t task_tag) {
        reply_ = unit_.carry_out(1, command_);
        const uint64_t length = pdu_.write ? pdu_.expected_length : reply_.data.size();
        session_.complete(task_tag, {reply_.status, reply_.sense, length}, reply_.data);
    }

    TargetSession& session_;
    ReservingTarget& unit_;
    ScsiCommandPdu pdu_;
    ScsiCommand command_;
    ReservingTarget::Reply reply_;
};

template <class Client, class State, class Act>
void converse(Client& client, TargetSession& session, State sending, const Act& act) {
    for (int i = 0; i < 1000; ++i) {
        bool moved = false;
        while (client.state() == sending) {
            const auto pdu = client.next_pdu();
            if (!pdu) break;
            session.receive_pdu(*pdu);
            moved = true;
        }
        while (const auto event = session.next_event())
            act(*event);
        while (client.state() != sending) {
            const auto pdu = session.next_pdu();
            if (!pdu) break;
            client.receive_pdu(pdu->view());
            moved = true;
        }
        if (!moved) return;
    }
    ADD_FAILURE() << "endless";
}

TEST(InitiatorsOwnClient, reserves_a_disk_with_immediate_data_and_by_r2t) {
    for (const bool immediate : {true, false}) {
        Admission admission = open_admission();
        admission.operational.immediate_data = immediate;
        BothSides login(initiator_settings());
        login.run(admission);
        ASSERT_EQ(login.client().state(), LoginState::finished);
        EXPECT_EQ(login.client().result().parameters.immediate_data, immediate);
        TargetSession session(login.server().result(), SessionType::normal, {.commands = 16});
        ReservingTarget unit;
        unit.unit_attentions = 1;
        Disk disk(session, unit);
        Claim claim(0x1234, Intent::claim);
        TaskClient client(login.client().result(), Lun{}, claim);
        converse(client, session, TaskState::sending,
                 [&](const SessionEvent& event) { disk.act(event); });
        EXPECT_EQ(client.state(), TaskState::finished)
            << static_cast<int>(client.failure().problem);
        EXPECT_EQ(claim.state(), ClaimState::done);
        EXPECT_EQ(unit.holder_key(), 0x1234u);
        EXPECT_EQ(session.tasks(), 0u);
        EXPECT_EQ(session.state(), SessionState::open);
    }
}

TEST(InitiatorsOwnClient, fills_up_its_count_within_the_window) {
    BothSides login(initiator_settings(),
                    {.deadline = Moment::max(), .first_stat_sn = 100, .command_window = 3});
    login.run(open_admission());
    TargetSession session(login.server().result(), SessionType::normal, {.commands = 3});
    ReservingTarget unit;
    Disk disk(session, unit);
    Claim claim(0, Intent::use);
    TaskClient client(login.client().result(), Lun{}, claim, 77 + 40);
    const auto act = [&](const SessionEvent& event) { disk.act(event); };
    converse(client, session, TaskState::sending, act);
    ASSERT_EQ(client.state(), TaskState::finished);
    client.fill_up();
    converse(client, session, TaskState::sending, act);
    EXPECT_EQ(client.state(), TaskState::finished);
    EXPECT_EQ(client.result().cmd_sn, 77u + 40);
}

TEST(InitiatorsOwnClient, finds_the_targets) {
    LoginSettings settings = initiator_settings();
    settings.session_type = SessionType::discovery;
    settings.target_name = {};
    settings.operational = discovery_preferences();
    settings.operational.max_recv_data_segment_length = 512;
    BothSides login(settings);
    login.run(open_admission());
    ASSERT_EQ(login.client().state(), LoginState::finished);
    TargetSession session(login.server().result(), SessionType::discovery, {});
    std::array<uint8_t, 8192> storage;
    TextKeyWriter text(storage);
    for (int i = 0; i < 30; ++i) {
        text.add("TargetName", "iqn.2026-11.example:disk" + std::to_string(i));
        text.add("TargetAddress", "192.0.2.1:3260,1");
    }
    const auto targets = std::make_unique<DiscoveryStorage>();
    DiscoveryClient client(login.client().result(), *targets);
    converse(client, session, DiscoveryState::sending, [&](const SessionEvent& event) {
        EXPECT_EQ(event.kind, SessionEvent::Kind::targets_wanted);
        EXPECT_EQ(event.text, "All");
        session.answer_targets(text.bytes());
    });
    ASSERT_EQ(client.state(), DiscoveryState::finished) << client.error().what;
    ASSERT_EQ(client.targets().size(), 30u);
    EXPECT_EQ(client.targets()[29].name, "iqn.2026-11.example:disk29");
    EXPECT_EQ(client.targets()[29].portals.size(), 1u);
}

}  // namespace
}  // namespace bootwire::iscsi
