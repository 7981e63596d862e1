#include "iscsi_initiator/discovery.h"

#include "scripted_target.h"

namespace bootwire::iscsi {
namespace {

class Discovery {
  public:
    explicit Discovery(uint32_t max_cmd_sn = 35) : client_(login(max_cmd_sn), *storage_) {}

    DiscoveryClient& client() { return client_; }

    TextRequestPdu request(std::string& text) {
        const auto pdu = client_.next_pdu();
        if (!pdu) {
            ADD_FAILURE() << "nothing to send";
            return {};
        }
        text.assign(pdu->data.begin(), pdu->data.end());
        return *TextRequestPdu::decode(pdu->bhs);
    }
    DiscoveryState answer(std::string_view text, bool continues = false) {
        TextResponsePdu response;
        response.task_tag = 1;
        response.final = !continues;
        response.continues = continues;
        response.target_transfer_tag = continues ? 0x77 : reserved_tag;
        response.stat_sn = stat_sn_++;
        return client_.receive_pdu({response.encode(), bytes_of(text)});
    }

  private:
    static LoginResult login(uint32_t max_cmd_sn) {
        LoginResult result;
        result.cmd_sn = 4;
        result.exp_stat_sn = 10;
        result.max_cmd_sn = max_cmd_sn;
        return result;
    }
    std::unique_ptr<DiscoveryStorage> storage_ = std::make_unique<DiscoveryStorage>();
    DiscoveryClient client_;
    uint32_t stat_sn_ = 10;
};

using namespace std::string_view_literals;

TEST(DiscoveryLogin, offers_no_digest_since_some_targets_close_at_the_question_then) {
    LoginSettings settings = plain_settings();
    settings.session_type = SessionType::discovery;
    settings.target_name = {};
    settings.operational = discovery_preferences();
    LoginConversation login(settings);
    const Request request = login.pass_security();
    EXPECT_EQ(request.text.find("CRC32C"), request.text.npos);
    EXPECT_TRUE(request.has("HeaderDigest=None"));
    ASSERT_EQ(login.answer({}), LoginState::finished);
    EXPECT_FALSE(login.client().result().digests().header);
}

TEST(SendTargets, asks_for_all_and_lists_targets_with_their_portals) {
    Discovery discovery;
    std::string text;
    const TextRequestPdu request = discovery.request(text);
    EXPECT_EQ(text, "SendTargets=All\0"sv);
    EXPECT_EQ(request.cmd_sn, 4u);
    EXPECT_EQ(request.exp_stat_sn, 10u);
    ASSERT_EQ(discovery.answer("TargetName=iqn.2026-11.a\0TargetAddress=10.0.0.1:3260,1\0"
                               "TargetAddress=[fe80::1],2\0TargetAddress=odd:\0"
                               "TargetName=iqn.2026-11.b\0"sv),
              DiscoveryState::finished);
    const auto& targets = discovery.client().targets();
    ASSERT_EQ(targets.size(), 2u);
    EXPECT_EQ(targets[0].name, "iqn.2026-11.a");
    ASSERT_EQ(targets[0].portals.size(), 2u);
    EXPECT_EQ(targets[0].portals[1].to_string(), "[fe80::1]:3260");
    EXPECT_TRUE(targets[1].portals.empty());
    EXPECT_EQ(discovery.client().exp_stat_sn(), 11u);
}

TEST(SendTargets, asks_for_one_target_by_the_longest_name_there_is) {
    LoginResult login;
    const auto storage = std::make_unique<DiscoveryStorage>();
    const std::string name = "iqn." + std::string(219, 'a');
    DiscoveryClient client(login, *storage, name);
    const auto pdu = client.next_pdu();
    const std::string text(pdu->data.begin(), pdu->data.end());
    EXPECT_EQ(text, "SendTargets=" + name + '\0');
    EXPECT_EQ(client.state(), DiscoveryState::receiving);
}

TEST(SendTargets, goes_on_while_the_answer_continues_in_the_middle_of_a_word) {
    Discovery discovery;
    std::string text;
    discovery.request(text);
    EXPECT_EQ(discovery.answer("TargetName=iq", true), DiscoveryState::sending);
    const TextRequestPdu next = discovery.request(text);
    EXPECT_EQ(text, "");
    EXPECT_EQ(next.target_transfer_tag, 0x77u);
    EXPECT_EQ(next.exp_stat_sn, 11u);
    ASSERT_EQ(discovery.answer("n.2026-11.a\0"sv), DiscoveryState::finished);
    EXPECT_EQ(discovery.client().targets()[0].name, "iqn.2026-11.a");
}

TEST(SendTargets, may_find_nothing) {
    Discovery discovery;
    std::string text;
    discovery.request(text);
    ASSERT_EQ(discovery.answer(""), DiscoveryState::finished);
    EXPECT_TRUE(discovery.client().targets().empty());
}

TEST(SendTargets, answers_a_ping_in_between) {
    Discovery discovery;
    std::string text;
    discovery.request(text);
    NopInPdu ping;
    ping.target_transfer_tag = 5;
    ASSERT_EQ(discovery.client().receive_pdu({ping.encode(), {}}), DiscoveryState::sending);
    const auto pdu = discovery.client().next_pdu();
    const auto answer = NopOutPdu::decode(pdu->bhs);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->target_transfer_tag, 5u);
    EXPECT_EQ(answer->task_tag, reserved_tag);
    EXPECT_EQ(discovery.answer(""), DiscoveryState::finished);
}

TEST(SendTargets, waits_until_the_portal_opens_its_command_window) {
    Discovery discovery(3);  // the next command is number 4
    ASSERT_EQ(discovery.client().state(), DiscoveryState::receiving);
    EXPECT_FALSE(discovery.client().next_pdu());
    NopInPdu notice;
    notice.exp_cmd_sn = 4;
    notice.max_cmd_sn = 3;
    EXPECT_EQ(discovery.client().receive_pdu({notice.encode(), {}}), DiscoveryState::receiving);
    notice.target_transfer_tag = 5;
    notice.max_cmd_sn = 4;
    EXPECT_EQ(discovery.client().receive_pdu({notice.encode(), {}}), DiscoveryState::sending);
    const auto pong = discovery.client().next_pdu();
    ASSERT_TRUE(pong && NopOutPdu::decode(pong->bhs));
    EXPECT_EQ(pong->data.size(), 0u);
    ASSERT_EQ(discovery.client().state(), DiscoveryState::sending);
    std::string text;
    EXPECT_EQ(discovery.request(text).cmd_sn, 4u);
    EXPECT_EQ(text, "SendTargets=All\0"sv);
    EXPECT_EQ(discovery.answer("TargetName=iqn.a\0"sv), DiscoveryState::finished);
}

TEST(SendTargets, does_not_go_on_beyond_the_command_window) {
    Discovery discovery(4);
    std::string text;
    discovery.request(text);
    EXPECT_EQ(discovery.answer("TargetName=iq", true), DiscoveryState::receiving);
    EXPECT_FALSE(discovery.client().next_pdu());
    EXPECT_EQ(discovery.answer("n.a\0"sv), DiscoveryState::failed) << "it was not asked for";
}

TEST(SendTargets, does_not_take_a_response_that_fits_no_request) {
    const auto after = [](auto change) {
        Discovery discovery;
        std::string text;
        discovery.request(text);
        TextResponsePdu response;
        response.task_tag = 1;
        response.stat_sn = 10;
        change(response);
        return discovery.client().receive_pdu({response.encode(), {}});
    };
    EXPECT_EQ(after([](auto&) {}), DiscoveryState::finished);
    EXPECT_EQ(after([](auto& r) { r.task_tag = 2; }), DiscoveryState::failed);
    EXPECT_EQ(after([](auto& r) { r.continues = true; }), DiscoveryState::failed);
    EXPECT_EQ(after([](auto& r) { r.continues = true, r.target_transfer_tag = 3; }),
              DiscoveryState::failed);
    EXPECT_EQ(after([](auto& r) { r.final = false; }), DiscoveryState::failed);
    EXPECT_EQ(after([](auto& r) { r.final = false, r.continues = true; }), DiscoveryState::failed);
    EXPECT_EQ(after([](auto& r) { r.final = false, r.target_transfer_tag = 3; }),
              DiscoveryState::sending);
}

TEST(SendTargets, ends_with_the_session_and_not_with_any_other_announcement) {
    for (const int event : {0, 1, 2, 3, 4, 5, 77, 255}) {
        Discovery discovery;
        std::string text;
        discovery.request(text);
        AsyncMessagePdu message;
        message.event = static_cast<uint8_t>(event);
        message.stat_sn = 40;
        const bool ends = event == 2 || event == 3;
        EXPECT_EQ(discovery.client().receive_pdu({message.encode(), {}}),
                  ends         ? DiscoveryState::failed
                  : event == 1 ? DiscoveryState::sending
                               : DiscoveryState::receiving)
            << event;
        EXPECT_EQ(discovery.client().exp_stat_sn(), 41u);
    }
}

TEST(SendTargets, logs_out_when_the_portal_asks_for_it) {
    Discovery discovery;
    std::string text;
    discovery.request(text);
    AsyncMessagePdu message;
    message.event = 1;
    message.stat_sn = 10;
    ASSERT_EQ(discovery.client().receive_pdu({message.encode(), {}}), DiscoveryState::sending);
    const auto sent = discovery.client().next_pdu();
    ASSERT_TRUE(sent);
    const auto logout = LogoutRequestPdu::decode(sent->bhs);
    ASSERT_TRUE(logout);
    EXPECT_TRUE(logout->immediate);
    EXPECT_EQ(logout->reason, LogoutReason::close_session);
    EXPECT_EQ(logout->cmd_sn, 5u);
    EXPECT_EQ(logout->exp_stat_sn, 11u);
    message.stat_sn = 11;
    EXPECT_EQ(discovery.client().receive_pdu({message.encode(), {}}), DiscoveryState::failed)
        << "it was told once";
}

TEST(SendTargets, is_over_once_the_portal_has_logged_us_out) {
    Discovery discovery;
    std::string text;
    discovery.request(text);
    LogoutResponsePdu response;
    EXPECT_EQ(discovery.client().receive_pdu({response.encode(), {}}), DiscoveryState::failed);
    EXPECT_NE(discovery.client().error().what.find("expected a Text Response"), std::string::npos);

    Discovery asked;
    asked.request(text);
    AsyncMessagePdu message;
    message.event = 1;
    message.stat_sn = 10;
    asked.client().receive_pdu({message.encode(), {}});
    asked.client().next_pdu();
    EXPECT_EQ(asked.client().receive_pdu({response.encode(), {}}), DiscoveryState::failed);
    EXPECT_EQ(asked.client().error().what, "discovery: the portal ends the session");
    EXPECT_EQ(asked.client().error().remedy, Remedy::waiting_helps);
}

TEST(SendTargets, takes_no_answer_twice) {
    Discovery discovery;
    std::string text;
    discovery.request(text);
    AsyncMessagePdu message;
    message.event = 5;
    message.stat_sn = 9;
    EXPECT_EQ(discovery.client().receive_pdu({message.encode(), {}}), DiscoveryState::failed);
    Discovery replayed;
    replayed.request(text);
    TextResponsePdu response;
    response.task_tag = 1;
    response.stat_sn = 9;
    EXPECT_EQ(replayed.client().receive_pdu({response.encode(), {}}), DiscoveryState::failed);
    EXPECT_NE(replayed.client().error().what.find("a second time"), std::string::npos);
}

TEST(SendTargets, is_bounded_in_text_responses_and_targets) {
    Discovery endless;
    std::string text;
    endless.request(text);
    const std::string filler(8192, 'a');
    for (int i = 0; i < 9; ++i) {
        if (endless.answer(filler, true) == DiscoveryState::sending) endless.request(text);
    }
    EXPECT_NE(endless.client().error().what.find("longer than"), std::string::npos);

    std::string many;
    for (size_t i = 0; i <= max_discovered_targets; ++i)
        many += "TargetName=iqn.2026-11.a" + std::to_string(i) + '\0';
    const Bytes bytes = bytes_of(many);
    EXPECT_FALSE(decode_send_targets(bytes));
}

TEST(SendTargets, reports_what_is_no_list) {
    for (const auto text : {"TargetAddress=10.0.0.1\0"sv, "nonsense\0"sv}) {
        Discovery discovery;
        std::string sent;
        discovery.request(sent);
        EXPECT_EQ(discovery.answer(text), DiscoveryState::failed);
    }
    Discovery rejected;
    std::string sent;
    rejected.request(sent);
    EXPECT_EQ(rejected.client().receive_pdu({RejectPdu{}.encode(), {}}), DiscoveryState::failed);
    Discovery closed;
    EXPECT_EQ(closed.client().connection_closed(), DiscoveryState::failed);
    Discovery longer, damaged;
    longer.client().connection_unreadable(FrameState::too_long);
    EXPECT_EQ(longer.client().error().what,
              "discovery: the portal sent more data at once than was agreed on");
    damaged.client().connection_unreadable(FrameState::data_digest_wrong);
    EXPECT_EQ(damaged.client().error().what, "discovery: a digest is wrong");
}

TEST(SendTargets, leaves_out_names_that_are_none_with_their_addresses) {
    Discovery discovery;
    std::string text;
    discovery.request(text);
    ASSERT_EQ(discovery.answer("TargetName=iqn.2026-11.a:disk init=/bin/sh\0"
                               "TargetAddress=10.0.0.1:3260,1\0"
                               "TargetName=iqn.2026-11.b\0TargetAddress=10.0.0.2:3260,1\0"
                               "TargetName=iqn.2026-11.c\x1b[2J\0TargetAddress=10.0.0.3:3260,1\0"
                               "TargetName=\0"sv),
              DiscoveryState::finished);
    const auto& targets = discovery.client().targets();
    ASSERT_EQ(targets.size(), 1u);
    EXPECT_EQ(targets[0].name, "iqn.2026-11.b");
    ASSERT_EQ(targets[0].portals.size(), 1u);
    EXPECT_EQ(targets[0].portals[0].to_string(), "10.0.0.2:3260");
    EXPECT_EQ(discovery.client().left_out(), "iqn.2026-11.a:disk init=/bin/sh");
}

}  // namespace
}  // namespace bootwire::iscsi
