#include "iscsi_initiator/discovery.h"

#include "scripted_target.h"

namespace bootwire::iscsi {
namespace {

class Discovery {
  public:
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
        response.final = !continues;
        response.continues = continues;
        response.target_transfer_tag = continues ? 0x77 : reserved_tag;
        response.stat_sn = stat_sn_++;
        return client_.receive_pdu(
            {response.encode(), {reinterpret_cast<const uint8_t*>(text.data()), text.size()}});
    }

  private:
    static LoginResult login() {
        LoginResult result;
        result.cmd_sn = 4;
        result.exp_stat_sn = 10;
        return result;
    }
    std::unique_ptr<DiscoveryStorage> storage_ = std::make_unique<DiscoveryStorage>();
    DiscoveryClient client_{login(), *storage_};
    uint32_t stat_sn_ = 10;
};

using namespace std::string_view_literals;

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
    const Bytes bytes(reinterpret_cast<const uint8_t*>(many.data()), many.size());
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
