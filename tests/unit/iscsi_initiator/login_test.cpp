#include "scripted_target.h"

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
}

TEST(Login, is_not_taken_over_by_the_answer_to_another_session) {
    LoginConversation login(plain_settings());
    login.request();
    LoginResponsePdu header = login.response();
    header.isid.bytes.back() ^= 1;
    EXPECT_EQ(login.answer(header, {"AuthMethod=None"}), LoginState::failed);
    EXPECT_EQ(login.client().failure().problem, LoginProblem::wrong_session);
}

TEST(Login, notes_a_target_whose_count_of_responses_jumps) {
    for (const uint32_t jump : {0u, 1u, ~0u}) {
        LoginConversation login(plain_settings());
        login.pass_security();
        LoginResponsePdu header = login.response();
        header.stat_sn += jump;
        EXPECT_EQ(login.answer(header, {}), LoginState::finished);
        EXPECT_EQ(login.client().result().miscounted, jump != 0);
        EXPECT_EQ(login.client().result().exp_stat_sn, 102 + jump);
    }
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

/// Answers without going on, as often as told, then as a target should.
LoginConversation& after_idle_responses(LoginConversation& login, int count,
                                        std::initializer_list<std::string> first) {
    login.request();
    for (int i = 0; i < count; ++i) {
        LoginResponsePdu header = login.response();
        header.transit = false;
        if (i == 0) {
            login.answer(header, first);
        } else {
            login.answer(header, {});
        }
        if (login.state() != LoginState::sending) break;
        const Request again = login.request();
        EXPECT_EQ(again.text, "") << "it is asked again with an empty request";
        EXPECT_EQ(again.header.current, Stage::security);
    }
    return login;
}

TEST(Login, asks_a_target_again_that_has_not_made_up_its_mind_about_the_method) {
    for (const bool with_chap : {false, true}) {
        for (const auto& first : {std::initializer_list<std::string>{},
                                  std::initializer_list<std::string>{"TargetPortalGroupTag=1"}}) {
            LoginSettings settings = plain_settings();
            if (with_chap) settings.chap = ChapCredentials{"pi", "secret of the pi"};
            LoginConversation login(settings);
            after_idle_responses(login, 6, first);
            ASSERT_EQ(login.state(), LoginState::receiving);
            login.answer({"AuthMethod=None"});
            EXPECT_TRUE(login.request().header.transit);
            if (with_chap) {
                login.answer({});
                login.request();
            }
            EXPECT_EQ(login.answer({}), LoginState::finished);
        }
    }
}

TEST(Login, does_not_ask_for_ever_which_method_a_target_wants) {
    LoginConversation login(plain_settings());
    after_idle_responses(login, max_login_responses, {});
    EXPECT_EQ(login.state(), LoginState::failed);
    EXPECT_EQ(login.client().failure().problem, LoginProblem::no_authentication_answer);
}

TEST(Login, tells_of_an_offer_in_the_last_response_which_nothing_can_answer) {
    LoginConversation login(plain_settings());
    login.pass_security();
    ASSERT_EQ(login.answer({"InitialR2T=Yes", "X-com.example.fast=Yes"}), LoginState::finished);
    EXPECT_EQ(login.client().result().unanswered_key.view(), "X-com.example.fast");
    LoginConversation decent(plain_settings());
    decent.pass_security();
    ASSERT_EQ(decent.answer({"InitialR2T=Yes", "MaxRecvDataSegmentLength=65536"}),
              LoginState::finished);
    EXPECT_TRUE(decent.client().result().unanswered_key.empty());
    LoginConversation early(plain_settings());
    early.request();
    early.answer({"AuthMethod=None", "X-com.example.fast=Yes"});
    EXPECT_TRUE(early.request().has("X-com.example.fast=NotUnderstood"));
    ASSERT_EQ(early.answer({}), LoginState::finished);
    EXPECT_TRUE(early.client().result().unanswered_key.empty());
}

TEST(Login, puts_a_continued_response_together) {
    LoginConversation login(plain_settings());
    login.pass_security();
    LoginResponsePdu header = login.response();
    header.transit = false;
    header.continues = true;
    const std::string half = "MaxBurstLength=13";
    EXPECT_EQ(login.client().receive_pdu({header.encode(), bytes_of(half)}), LoginState::sending);
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
    EXPECT_EQ(login.client().failure().problem, LoginProblem::settings_incomplete);
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
    EXPECT_EQ(rejected.client().failure().problem, LoginProblem::rejected);
    EXPECT_EQ(rejected.client().failure().reject_reason, 4);
    LoginConversation closed(plain_settings());
    closed.request();
    closed.client().connection_closed();
    EXPECT_EQ(closed.client().failure().problem, LoginProblem::connection_closed);
}

TEST(Login, ends_where_what_comes_is_longer_than_a_login_may_carry) {
    LoginConversation login(plain_settings());
    login.request();
    EXPECT_EQ(login.client().connection_unreadable(FrameState::too_long), LoginState::failed);
    EXPECT_EQ(login.client().failure().problem, LoginProblem::frame_too_long);
}

TEST(LoginStatus, of_any_other_class_ends_the_login_and_is_told) {
    for (const uint8_t status_class : {2, 3, 9}) {
        LoginConversation login(plain_settings());
        login.request();
        ASSERT_EQ(login.refuse(status_class, 200), LoginState::failed);
        EXPECT_EQ(login.client().failure().problem, LoginProblem::refused);
        EXPECT_EQ(login.client().failure().status_class, status_class);
        EXPECT_EQ(login.client().failure().status_detail, 200);
    }
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
    EXPECT_EQ(odd.client().failure().problem, LoginProblem::redirection_malformed);
    EXPECT_EQ(odd.client().failure().value.view(), "10.0.0.1:99999");
}

}  // namespace
}  // namespace bootwire::iscsi
