#include "session/conversation.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include "iscsi_initiator/discovery.h"
#include "os/clock.h"
#include "os/fd.h"
#include "topics/topic.h"

namespace bootwire::session {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using iscsi::LoginState;

/// The client's end of a connection, and a target that has said all it has to say already.
class ConversationTest : public testing::Test {
  protected:
    ConversationTest() {
        int ends[2];
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        ours.reset(ends[0]);
        theirs.reset(ends[1]);
        pdus.emplace(ours.get());
    }

    void put(const iscsi::Bhs& header, std::string_view text, iscsi::Digests digests = {}) {
        std::vector<uint8_t> bytes(iscsi::frame_size(text.size(), digests));
        iscsi::write_frame(header, bytes_of(text), digests, bytes);
        put(bytes);
    }
    void put(Bytes bytes) {
        ASSERT_EQ(::send(theirs.get(), bytes.data(), bytes.size(), 0),
                  static_cast<ssize_t>(bytes.size()));
    }
    void put_login() {
        iscsi::LoginResponsePdu response;
        response.transit = true;
        response.next = iscsi::Stage::operational;
        response.tsih = 1;
        put(response.encode(), "");
        response.current = iscsi::Stage::operational;
        response.next = iscsi::Stage::full_feature;
        put(response.encode(), "MaxRecvDataSegmentLength=9000\0"sv);
    }
    Status converse_with(auto& client) {
        return converse(client, {*pdus, "10.0.0.1:3260", [] {}});
    }

    Fd ours, theirs;
    std::optional<net::PduStream> pdus;
    iscsi::LoginStorage storage;
};

iscsi::LoginSettings plain_settings() {
    iscsi::LoginSettings settings;
    settings.initiator_name = "iqn.2026-11.local.bootwire:test";
    settings.target_name = "iqn.2026-11.example:disk";
    return settings;
}

TEST_F(ConversationTest, carries_a_login_and_reads_nothing_beyond_its_end) {
    iscsi::LoginClient client(plain_settings(), storage.buffers());
    put_login();
    put(bytes_of("kernel's"));
    ASSERT_TRUE(converse_with(client));
    EXPECT_EQ(client.state(), LoginState::finished);
    EXPECT_EQ(client.result().parameters.max_xmit_dlength, 9000u);
    char next[16];
    ASSERT_EQ(recv(ours.get(), next, sizeof next, MSG_DONTWAIT), 8);
    EXPECT_EQ(std::string_view(next, 8), "kernel's");

    net::PduStream sent(theirs.get());
    for (const auto stage : {iscsi::Stage::security, iscsi::Stage::operational}) {
        const auto pdu = sent.try_receive();
        ASSERT_TRUE(pdu && *pdu);
        EXPECT_EQ(iscsi::LoginRequestPdu::decode((*pdu)->bhs)->current, stage);
    }
}

TEST_F(ConversationTest, lets_the_client_judge_a_target_that_hangs_up) {
    iscsi::LoginClient closed(plain_settings(), storage.buffers());
    ASSERT_EQ(shutdown(theirs.get(), SHUT_WR), 0);
    ASSERT_TRUE(converse_with(closed));
    EXPECT_EQ(closed.failure().problem, iscsi::LoginProblem::connection_closed);
}

TEST_F(ConversationTest, lets_the_client_judge_a_target_that_sends_too_much) {
    iscsi::LoginClient client(plain_settings(), storage.buffers());
    iscsi::Bhs header = iscsi::LoginResponsePdu{}.encode();
    iscsi::set_data_length(header, iscsi::max_data_segment_length);
    put(header);
    ASSERT_TRUE(converse_with(client));
    EXPECT_EQ(client.failure().problem, iscsi::LoginProblem::frame_too_long);
}

TEST_F(ConversationTest, has_the_digests_that_were_agreed_on) {
    const auto text = std::make_unique<iscsi::DiscoveryStorage>();
    iscsi::LoginResult login;
    login.parameters.header_digest = login.parameters.data_digest = true;
    iscsi::DiscoveryClient client(login, *text);
    pdus->use_digests(login.digests());
    iscsi::TextResponsePdu response;
    response.task_tag = 1;
    put(response.encode(), "TargetName=iqn.2026-11.example:disk\0"sv, login.digests());
    ASSERT_TRUE(converse_with(client));
    ASSERT_EQ(client.state(), iscsi::DiscoveryState::finished) << client.error().what;
    EXPECT_EQ(client.targets().size(), 1u);
}

TEST_F(ConversationTest, ends_at_its_time_however_much_is_said) {
    iscsi::LoginClient client(plain_settings(), storage.buffers());
    iscsi::LoginResponsePdu response;
    response.continues = true;
    for (int i = 0; i < iscsi::max_login_responses; ++i)
        put(response.encode(), "");
    const auto done = converse(client, {*pdus, "10.0.0.1:3260", [] {}, now() - 1ms});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().what,
              "10.0.0.1:3260 answers, but not within the time there is for all of it");
    EXPECT_EQ(done.error().remedy, Remedy::waiting_helps);
}

TEST_F(ConversationTest, says_whose_connection_broke) {
    using Kind = net::StreamProblem::Kind;
    const Connection connection{*pdus, "10.0.0.1:3260", [] {}};
    const Error silent = connection.broken({Kind::silent, 0, {}});
    EXPECT_EQ(silent.what, "10.0.0.1:3260 accepts the connection but does not answer");
    EXPECT_EQ(silent.hint, "is it an iSCSI target?");
    const Error broken = connection.broken({Kind::cannot_receive, ETIMEDOUT, {}});
    EXPECT_EQ(broken.what,
              "the connection to 10.0.0.1:3260 broke: cannot receive from the target: "
              "Connection timed out");
    for (const Error& error : {silent, broken}) {
        EXPECT_EQ(error.remedy, Remedy::waiting_helps);
        EXPECT_EQ(error.topic, Topic::login_breaks_off);
    }
}

}  // namespace
}  // namespace bootwire::session
