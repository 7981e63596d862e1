#include <algorithm>

#include "scripted_target.h"
#include "session/login_error.h"
#include "topics/topic.h"

namespace bootwire::iscsi {
namespace {

TEST(Login, without_credentials_passes_both_stages_in_two_rounds) {
    LoginConversation login(plain_settings());
    const Request first = login.request();
    EXPECT_TRUE(first.header.transit);
    EXPECT_EQ(first.header.current, Stage::security);
    EXPECT_EQ(first.header.next, Stage::operational);
    EXPECT_EQ(first.header.tsih, 0);
    EXPECT_TRUE(first.has("InitiatorName=iqn.2026-11.local.bootwire:test"));
    EXPECT_TRUE(first.has("TargetName=iqn.2026-11.example:disk"));
    EXPECT_TRUE(first.has("SessionType=Normal"));
    EXPECT_TRUE(first.has("AuthMethod=None"));
    login.answer({"AuthMethod=None", "TargetPortalGroupTag=3", "TargetAlias=The disk"});

    const Request second = login.request();
    EXPECT_TRUE(second.header.transit);
    EXPECT_EQ(second.header.current, Stage::operational);
    EXPECT_EQ(second.header.next, Stage::full_feature);
    EXPECT_EQ(second.header.exp_stat_sn, 101u);
    EXPECT_TRUE(second.has("HeaderDigest=None,CRC32C"));
    EXPECT_TRUE(second.has("InitialR2T=No"));
    ASSERT_EQ(login.answer({"HeaderDigest=None", "InitialR2T=Yes", "ImmediateData=Yes",
                            "MaxRecvDataSegmentLength=65536", "MaxBurstLength=262144"}),
              LoginState::finished);
    const LoginResult& result = login.client().result();
    EXPECT_EQ(result.tsih, 7);
    EXPECT_EQ(result.cmd_sn, 1u);
    EXPECT_EQ(result.exp_stat_sn, 102u);
    EXPECT_EQ(result.max_cmd_sn, 32u);
    EXPECT_FALSE(result.chap_algorithm);
    EXPECT_EQ(result.parameters.max_xmit_dlength, 65536u);
    EXPECT_EQ(result.parameters.target_portal_group_tag, 3);
    EXPECT_EQ(result.parameters.target_alias.view(), "The disk");
}

TEST(Login, of_a_discovery_session_names_no_target) {
    LoginSettings settings = plain_settings();
    settings.session_type = SessionType::discovery;
    settings.target_name = {};
    LoginConversation login(settings);
    const Request first = login.request();
    EXPECT_TRUE(first.has("SessionType=Discovery"));
    EXPECT_EQ(first.text.find("TargetName"), first.text.npos);
    login.answer({"AuthMethod=None"});
    const Request second = login.request();
    EXPECT_EQ(second.text.find("InitialR2T"), second.text.npos);
    EXPECT_EQ(second.text.find("FirstBurstLength"), second.text.npos);
    EXPECT_EQ(login.answer({}), LoginState::finished);
}

TEST(Login, answers_what_the_target_offers_and_asks_to_go_on) {
    LoginConversation login(plain_settings());
    login.pass_security();
    LoginResponsePdu header = login.response();
    header.transit = false;
    login.answer(header, {"IFMarker=No", "X-com.example.fast=Yes"});
    const Request answer = login.request();
    EXPECT_TRUE(answer.header.transit);
    EXPECT_EQ(answer.text, "IFMarker=Reject;X-com.example.fast=NotUnderstood;");
    EXPECT_EQ(login.answer({}), LoginState::finished);
}

TEST(Login, puts_a_continued_response_together) {
    LoginConversation login(plain_settings());
    login.pass_security();
    LoginResponsePdu header = login.response();
    header.transit = false;
    header.continues = true;
    const std::string half = "MaxBurstLength=13";
    EXPECT_EQ(login.client().receive_pdu(
                  {header.encode(), {reinterpret_cast<const uint8_t*>(half.data()), half.size()}}),
              LoginState::sending);
    const Request empty = login.request();
    EXPECT_EQ(empty.text, "");
    EXPECT_FALSE(empty.header.continues);
    EXPECT_EQ(empty.header.current, Stage::operational);
    ASSERT_EQ(login.answer({"1072"}), LoginState::finished);
    EXPECT_EQ(login.client().result().parameters.max_burst, 131072u);
}

TEST(Login, goes_on_asking_while_the_target_does_not_go_on_but_not_for_ever) {
    LoginConversation login(plain_settings());
    login.pass_security();
    for (int i = 0; i < max_login_responses && login.state() != LoginState::failed; ++i) {
        LoginResponsePdu header = login.response();
        header.transit = false;
        if (login.answer(header, {}) == LoginState::sending) login.request();
    }
    EXPECT_EQ(login.client().failure().problem, LoginProblem::too_many_responses);
}

TEST(Login, does_not_mind_task_tags_that_someone_else_stamps) {
    for (const bool stamped : {false, true}) {
        LoginSettings settings = plain_settings();
        settings.numbers_stamped_elsewhere = stamped;
        LoginConversation login(settings);
        login.request();
        LoginResponsePdu header = login.response();
        header.task_tag = 0x10001;
        login.answer(header, {"AuthMethod=None"});
        EXPECT_EQ(login.state(), stamped ? LoginState::sending : LoginState::failed);
    }
}

TEST(Login, refuses_a_step_that_was_not_asked_for) {
    const auto problem_after = [](auto change) {
        LoginConversation login(plain_settings());
        login.request();
        LoginResponsePdu header = login.response();
        change(header);
        login.answer(header, {"AuthMethod=None"});
        return login.client().failure().problem;
    };
    EXPECT_EQ(problem_after([](auto& h) { h.next = Stage::full_feature; }),
              LoginProblem::wrong_stage);
    EXPECT_EQ(problem_after([](auto& h) { h.current = Stage::operational; }),
              LoginProblem::wrong_stage);
    EXPECT_EQ(problem_after([](auto& h) { h.continues = true; }), LoginProblem::wrong_stage);
    EXPECT_EQ(problem_after([](auto& h) { h.version_active = 1; }),
              LoginProblem::unsupported_version);
}

TEST(Login, refuses_a_session_without_handle) {
    LoginConversation login(plain_settings());
    login.pass_security();
    LoginResponsePdu header = login.response();
    header.tsih = 0;
    login.answer(header, {});
    EXPECT_EQ(login.client().failure().problem, LoginProblem::no_session_handle);
}

TEST(Login, stops_at_text_that_is_too_long_or_malformed) {
    LoginConversation login(plain_settings());
    login.request();
    login.answer({"AuthMethod"});
    EXPECT_EQ(login.client().failure().text, TextProblem::no_equals_sign);

    LoginConversation endless(plain_settings());
    endless.request();
    const std::vector<uint8_t> chunk(8192, 'a');
    for (int i = 0; i < 3; ++i) {
        LoginResponsePdu header = endless.response();
        header.transit = false;
        header.continues = true;
        if (endless.client().receive_pdu({header.encode(), chunk}) == LoginState::sending) {
            endless.request();
        }
    }
    EXPECT_EQ(endless.client().failure().text, TextProblem::too_much_text);
}

TEST(Login, says_what_is_missing_before_anything_is_sent) {
    LoginSettings settings = plain_settings();
    settings.target_name = {};
    LoginConversation login(settings);
    ASSERT_EQ(login.state(), LoginState::failed);
    EXPECT_EQ(session::describe(login.client().failure(), settings).what,
              "the login has no target name");
    settings = plain_settings();
    settings.mutual_chap = ChapCredentials{"target", "secret"};
    EXPECT_EQ(LoginConversation(settings).state(), LoginState::failed);
}

TEST(Login, reports_other_pdus_and_an_early_end) {
    LoginConversation login(plain_settings());
    login.request();
    login.client().receive_pdu({NopInPdu{}.encode(), {}});
    EXPECT_EQ(login.client().failure().problem, LoginProblem::unexpected_pdu);
    LoginConversation rejected(plain_settings());
    rejected.request();
    RejectPdu reject;
    reject.reason = 4;
    rejected.client().receive_pdu({reject.encode(), {}});
    EXPECT_NE(session::describe(rejected.client().failure(), plain_settings())
                  .what.find("protocol error"),
              std::string::npos);
    LoginConversation closed(plain_settings());
    closed.request();
    closed.client().connection_closed();
    EXPECT_EQ(session::describe(closed.client().failure(), plain_settings()).remedy,
              Remedy::waiting_helps);
}

TEST(Login, ends_where_what_comes_is_longer_than_a_login_may_carry) {
    LoginConversation login(plain_settings());
    login.request();
    EXPECT_EQ(login.client().connection_unreadable(FrameState::too_long), LoginState::failed);
    EXPECT_EQ(session::describe(login.client().failure(), plain_settings()).what,
              "the target sent more data than a login response may carry");
}

TEST(LoginStatus, every_class_and_detail_is_a_sentence_with_its_code) {
    const std::vector<std::pair<int, int>> known{{2, 0},  {2, 1},  {2, 2}, {2, 3}, {2, 4},
                                                 {2, 5},  {2, 6},  {2, 7}, {2, 8}, {2, 9},
                                                 {2, 10}, {2, 11}, {3, 0}, {3, 1}, {3, 2}};
    for (const auto& [status_class, detail] : known) {
        LoginConversation login(plain_settings());
        login.request();
        ASSERT_EQ(login.refuse(static_cast<uint8_t>(status_class), static_cast<uint8_t>(detail)),
                  LoginState::failed);
        const Error error = session::describe(login.client().failure(), plain_settings());
        char code[16];
        std::snprintf(code, sizeof code, "%02x%02x", status_class, detail);
        EXPECT_NE(error.what.find(code), std::string::npos) << error.what;
        EXPECT_EQ(error.what.find("iqn.2026-11.example:disk"),
                  std::string::npos);  // who logs in says that
        EXPECT_FALSE(error.hint.empty()) << error.what;
    }
    EXPECT_EQ(session::login_status_in_words(2, 200), "the target found fault with the login");
    EXPECT_EQ(session::login_status_in_words(9, 9), "unknown status");
}

TEST(Redirection, tells_where_to_and_for_how_long) {
    LoginConversation login(plain_settings());
    login.request();
    ASSERT_EQ(login.refuse(1, 1, {"TargetAddress=[2001:db8::5]:3261,2"}), LoginState::redirected);
    EXPECT_EQ(login.client().redirection().address.to_string(), "[2001:db8::5]:3261");
    EXPECT_EQ(login.client().redirection().address.portal_group_tag, 2);
    EXPECT_FALSE(login.client().redirection().permanent);
    LoginConversation moved(plain_settings());
    moved.request();
    ASSERT_EQ(moved.refuse(1, 2, {"X=1", "TargetAddress=disks.example"}), LoginState::redirected);
    EXPECT_EQ(moved.client().redirection().address.to_string(), "disks.example:3260");
    EXPECT_TRUE(moved.client().redirection().permanent);
}

TEST(Redirection, without_a_usable_address_is_an_error) {
    LoginConversation nowhere(plain_settings());
    nowhere.request();
    nowhere.refuse(1, 1);
    EXPECT_EQ(nowhere.client().failure().problem, LoginProblem::redirection_without_address);
    LoginConversation odd(plain_settings());
    odd.request();
    odd.refuse(1, 1, {"TargetAddress=10.0.0.1:99999"});
    EXPECT_NE(
        session::describe(odd.client().failure(), plain_settings()).what.find("10.0.0.1:99999"),
        std::string::npos);
}

TEST(LoginError, always_has_a_topic) {
    for (int problem = 1; problem <= static_cast<int>(LoginProblem::redirection_malformed);
         ++problem) {
        LoginFailure failure;
        failure.problem = static_cast<LoginProblem>(problem);
        EXPECT_NE(session::describe(failure, plain_settings()).topic, Topic::other) << problem;
    }
    for (int problem = 1; problem <= static_cast<int>(ChapProblem::unexpected_key); ++problem) {
        LoginFailure failure;
        failure.problem = LoginProblem::chap;
        failure.chap_problem = static_cast<ChapProblem>(problem);
        EXPECT_NE(session::describe(failure, plain_settings()).topic, Topic::other) << problem;
    }
    const auto topic_of = [](uint8_t status_class, uint8_t detail) {
        LoginFailure failure;
        failure.problem = LoginProblem::refused;
        failure.status_class = status_class;
        failure.status_detail = detail;
        return session::describe(failure, plain_settings()).topic;
    };
    for (int detail = 0; detail < 256; ++detail) {
        for (const uint8_t status_class : {1, 2, 3, 4}) {
            EXPECT_NE(topic_of(status_class, static_cast<uint8_t>(detail)), Topic::other);
        }
    }
    EXPECT_EQ(topic_of(2, 1), Topic::login_refused);
    EXPECT_EQ(topic_of(2, 2), Topic::not_allowed);
    EXPECT_EQ(topic_of(2, 3), Topic::no_such_target);
    EXPECT_EQ(topic_of(3, 1), Topic::target_not_ready);
}

TEST(Redirection, addresses_are_read_in_every_form) {
    const auto parse = [](std::string_view text) {
        const auto address = TargetAddress::parse(text);
        return address ? address->to_string() : "none";
    };
    EXPECT_EQ(parse("10.0.0.1"), "10.0.0.1:3260");
    EXPECT_EQ(parse("10.0.0.1:860,1"), "10.0.0.1:860");
    EXPECT_EQ(parse("[fe80::1]"), "[fe80::1]:3260");
    EXPECT_EQ(parse("a-b.example:1"), "a-b.example:1");
    for (const char* text : {"", ":3260", "[fe80::1", "[10.0.0.1]", "fe80::1", "a b", "a:", "a:0",
                             "a:1,", "a:1,65536", "[fe80::1]3260", "a..b", "a,b"}) {
        EXPECT_EQ(parse(text), "none") << text;
    }
}

TEST(SessionIdentifier, comes_from_the_mac_or_serial_and_stays_the_same) {
    const auto mac = MacAddress::parse("dc:a6:32:01:02:03");
    const Isid isid = Isid::from_mac(*mac);
    EXPECT_EQ(isid.bytes, (std::array<uint8_t, 6>{0x37, 0xa6, 0x32, 1, 2, 3}));
    const Isid local = Isid::from_mac(*MacAddress::parse("52:54:00:12:34:56"));
    EXPECT_EQ(local.bytes[0], 0x80);
    EXPECT_EQ(local, Isid::from_mac(*MacAddress::parse("52:54:00:12:34:56")));
    EXPECT_NE(local, Isid::from_mac(*MacAddress::parse("52:54:00:12:34:57")));
}

}  // namespace
}  // namespace bootwire::iscsi
