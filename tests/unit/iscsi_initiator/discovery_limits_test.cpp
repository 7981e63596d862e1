// How much a discovery takes, and what ends it.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "iscsi_initiator/discovery.h"

namespace bootwire::iscsi {
namespace {

/// A discovery whose question has gone out: CmdSN 4, ExpStatSN 10.
class Asked {
    std::unique_ptr<DiscoveryStorage> storage_ = std::make_unique<DiscoveryStorage>();

  public:
    explicit Asked(uint32_t max_cmd_sn = 35) : client(login(max_cmd_sn), *storage_) {
        sent = client.next_pdu();
    }
    DiscoveryState give(const Bhs& bhs, std::string_view text = {}) {
        return client.receive_pdu({bhs, bytes_of(text)});
    }
    static Bhs list(uint32_t stat_sn = 10) {
        TextResponsePdu response;
        response.task_tag = 1;
        response.stat_sn = stat_sn;
        return response.encode();
    }
    /// With a command window that nothing changes.
    static Bhs notice(uint32_t exp_cmd_sn = 0, uint32_t max_cmd_sn = 0) {
        NopInPdu nop;
        nop.exp_cmd_sn = exp_cmd_sn;
        nop.max_cmd_sn = max_cmd_sn;
        return nop.encode();
    }
    static Bhs announcement(uint8_t event, uint32_t stat_sn) {
        AsyncMessagePdu message;
        message.event = event;
        message.stat_sn = stat_sn;
        return message.encode();
    }

    DiscoveryClient client;
    std::optional<PduView> sent;

  private:
    static LoginResult login(uint32_t max_cmd_sn) {
        LoginResult result;
        result.cmd_sn = 4;
        result.exp_stat_sn = 10;
        result.max_cmd_sn = max_cmd_sn;
        return result;
    }
};

TEST(DiscoveryLimits, are_256_responses) {
    Asked asked;
    for (int i = 0; i < max_discovery_responses; ++i)
        ASSERT_EQ(asked.give(Asked::notice()), DiscoveryState::receiving) << i;
    EXPECT_EQ(asked.give(Asked::notice()), DiscoveryState::failed);
    EXPECT_EQ(asked.client.error().what, "discovery: no end after 256 responses");
    Asked just;
    for (int i = 1; i < max_discovery_responses; ++i)
        just.give(Asked::notice());
    EXPECT_EQ(just.give(Asked::list()), DiscoveryState::finished);
}

std::string names(size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i)
        text += "TargetName=iqn.2026-11.a" + std::to_string(i) + '\0';
    return text;
}

TEST(DiscoveryLimits, are_512_targets_with_32_portals_each) {
    const auto most = decode_send_targets(bytes_of(names(max_discovered_targets)));
    ASSERT_TRUE(most);
    EXPECT_EQ(most->size(), 512u);
    const auto more = decode_send_targets(bytes_of(names(max_discovered_targets + 1)));
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().what, "the portal offers more than 512 targets");

    std::string text = names(1);
    for (int i = 1; i <= 33; ++i)
        text += "TargetAddress=10.0.0." + std::to_string(i) + ":3260,1" + '\0';
    const auto portals = decode_send_targets(bytes_of(text));
    ASSERT_TRUE(portals);
    ASSERT_EQ(portals->at(0).portals.size(), 32u);
    EXPECT_EQ(portals->at(0).portals.back().to_string(), "10.0.0.32:3260");
}

TEST(DiscoveryLists, say_what_is_wrong_with_them) {
    using namespace std::string_view_literals;
    const auto error = [](std::string_view text) {
        const auto list = decode_send_targets(bytes_of(text));
        return list ? std::string() : list.error().what;
    };
    EXPECT_EQ(error("TargetAddress=10.0.0.1\0TargetName=iqn.2026-11.a\0"sv),
              "the portal's list of targets begins with an address");
    EXPECT_EQ(error("TargetName=iqn.2026-11.a\0nonsense\0"sv),
              "the portal's list of targets is malformed");
    EXPECT_EQ(error("X-other=1\0TargetName=iqn.2026-11.a\0"sv), "");
    const auto nameless = decode_send_targets(bytes_of("TargetName=a b\0TargetAddress=nas\0"sv));
    ASSERT_TRUE(nameless) << "nobody has asked which name is none";
    EXPECT_TRUE(nameless->empty());
}

TEST(DiscoveryOrder, has_an_end_that_nothing_changes) {
    Asked finished, failed;
    finished.give(Asked::list(), "TargetName=iqn.2026-11.a");
    failed.give(RejectPdu{}.encode());
    const std::string why = failed.client.error().what;
    for (const auto& [asked, state] :
         {std::pair{&finished, DiscoveryState::finished}, {&failed, DiscoveryState::failed}}) {
        EXPECT_EQ(asked->give(Asked::list(11)), state);
        EXPECT_EQ(asked->client.connection_closed(), state);
        EXPECT_EQ(asked->client.connection_unreadable(FrameState::too_long), state);
        EXPECT_FALSE(asked->client.next_pdu());
    }
    EXPECT_EQ(finished.client.targets().size(), 1u);
    EXPECT_EQ(finished.client.error().what, "");
    EXPECT_EQ(failed.client.error().what, why);
}

TEST(DiscoveryOrder, is_an_answer_after_the_question) {
    LoginResult login;
    const auto storage = std::make_unique<DiscoveryStorage>();
    DiscoveryClient client(login, *storage);
    ASSERT_EQ(client.state(), DiscoveryState::sending);
    EXPECT_EQ(client.receive_pdu({Asked::list(), {}}), DiscoveryState::sending);
    EXPECT_TRUE(client.targets().empty());
    EXPECT_TRUE(client.next_pdu());
    EXPECT_FALSE(client.next_pdu()) << "it is asked once";
}

TEST(DiscoveryOrder, ends_with_the_connection_while_it_asks_and_while_it_waits) {
    LoginResult login;
    const auto storage = std::make_unique<DiscoveryStorage>();
    DiscoveryClient asking(login, *storage);
    EXPECT_EQ(asking.connection_closed(), DiscoveryState::failed);
    EXPECT_EQ(asking.error().what, "discovery: the portal closed the connection");
    EXPECT_EQ(asking.error().remedy, Remedy::waiting_helps);
    Asked asked;
    EXPECT_EQ(asked.client.connection_unreadable(FrameState::header_digest_wrong),
              DiscoveryState::failed);
}

TEST(DiscoveryErrors, say_what_the_portal_did) {
    const auto error = [](const Bhs& bhs) {
        Asked asked;
        EXPECT_EQ(asked.give(bhs), DiscoveryState::failed);
        return asked.client.error().what;
    };
    RejectPdu reject;
    reject.reason = 5;
    EXPECT_EQ(error(reject.encode()),
              "discovery: the portal rejected the request: command not supported");
    EXPECT_EQ(error(LoginResponsePdu{}.encode()),
              "discovery: expected a Text Response, got PDU type 35");
    TextResponsePdu response;
    response.task_tag = 2;
    EXPECT_EQ(error(response.encode()), "discovery: the response belongs to another task");
    response.task_tag = 1;
    response.final = false;
    EXPECT_EQ(error(response.encode()),
              "discovery: the portal's response neither ends nor goes on");
    EXPECT_EQ(error(Asked::announcement(3, 10)), "discovery: the portal ends the session");
    EXPECT_EQ(error(Asked::announcement(4, 9)),
              "discovery: the portal gives an answer a second time");
}

/// The text goes on, which needs another command: number 5. Whether it may be sent then.
bool goes_on_after(uint32_t exp_cmd_sn, uint32_t max_cmd_sn) {
    Asked asked(4);
    TextResponsePdu half;
    half.task_tag = 1;
    half.final = false;
    half.target_transfer_tag = 7;
    half.stat_sn = 10;
    EXPECT_EQ(asked.give(half.encode()), DiscoveryState::receiving);
    return asked.give(Asked::notice(exp_cmd_sn, max_cmd_sn)) == DiscoveryState::sending;
}

TEST(CommandWindow, is_what_the_portal_says_if_that_can_be) {
    EXPECT_FALSE(goes_on_after(5, 4)) << "closed";
    EXPECT_TRUE(goes_on_after(5, 5));
    EXPECT_TRUE(goes_on_after(5, 36));
    EXPECT_TRUE(goes_on_after(7, 6)) << "closed behind the next two";
    EXPECT_FALSE(goes_on_after(8, 6)) << "section 4.2.2.1: to be ignored";
    EXPECT_FALSE(goes_on_after(1000, 500));
    EXPECT_FALSE(goes_on_after(2, 3)) << "it does not close again";
}

TEST(DiscoveryLogout, has_a_tag_of_its_own_and_is_sent_once) {
    Asked asked;
    const auto text_tag = TextRequestPdu::decode(asked.sent->bhs)->task_tag;
    NopInPdu ping;
    ping.target_transfer_tag = 5;
    EXPECT_EQ(asked.give(Asked::announcement(1, 10)), DiscoveryState::sending);
    const auto logout = LogoutRequestPdu::decode(asked.client.next_pdu()->bhs);
    ASSERT_TRUE(logout);
    EXPECT_NE(logout->task_tag, text_tag);
    EXPECT_NE(logout->task_tag, reserved_tag);
    EXPECT_EQ(asked.client.state(), DiscoveryState::receiving) << "it is sent once";
    EXPECT_EQ(asked.give(ping.encode()), DiscoveryState::sending);
    EXPECT_TRUE(NopOutPdu::decode(asked.client.next_pdu()->bhs));
    EXPECT_EQ(asked.client.state(), DiscoveryState::receiving);
}

}  // namespace
}  // namespace bootwire::iscsi
