// How often a login asks, how much it takes, and what it does once it is over.
#include "chap_target.h"

namespace bootwire::iscsi {
namespace {

/// An answer that does not go on.
LoginState stay(LoginConversation& login, std::initializer_list<std::string> pairs = {}) {
    LoginResponsePdu header = login.response();
    header.transit = false;
    return login.answer(header, pairs);
}

TEST(LoginLimits, let_a_target_think_seven_times_about_the_method) {
    LoginConversation login(plain_settings());
    login.request();
    for (int idle = 1; idle < max_idle_responses; ++idle) {
        ASSERT_EQ(stay(login), LoginState::sending) << idle;
        login.request();
    }
    EXPECT_EQ(stay(login), LoginState::failed);
    EXPECT_EQ(login.client().failure().problem, LoginProblem::no_authentication_answer);
}

TEST(LoginLimits, end_the_login_after_64_responses) {
    LoginConversation login(plain_settings());
    login.pass_security();
    for (int responses = 2; responses <= max_login_responses; ++responses) {
        ASSERT_EQ(stay(login), LoginState::sending) << responses;
        login.request();
    }
    EXPECT_EQ(stay(login), LoginState::failed);
    EXPECT_EQ(login.client().failure().problem, LoginProblem::too_many_responses);
}

TEST(LoginLimits, are_kept_by_what_is_sent_too) {
    const std::string name(9000, 'n');
    LoginSettings settings = plain_settings();
    settings.target_name = name;
    EXPECT_EQ(LoginConversation(settings).state(), LoginState::failed);
    EXPECT_EQ(LoginConversation(settings).client().failure().problem,
              LoginProblem::request_too_long);
}

TEST(LoginSettings, that_cannot_lead_to_a_session_are_refused) {
    const auto complete = [](auto change) {
        LoginSettings settings = mutual_settings();
        change(settings);
        LoginConversation login(settings);
        const bool begins = login.state() == LoginState::sending;
        EXPECT_EQ(login.client().failure().problem,
                  begins ? LoginProblem::none : LoginProblem::settings_incomplete);
        return begins;
    };
    EXPECT_TRUE(complete([](auto&) {}));
    EXPECT_FALSE(complete([](auto& s) { s.initiator_name = {}; }));
    EXPECT_FALSE(complete([](auto& s) { s.target_name = {}; }));
    EXPECT_FALSE(complete([](auto& s) { s.chap.reset(); }));
    EXPECT_FALSE(complete([](auto& s) { s.chap_algorithms = {}; }));
    EXPECT_TRUE(complete([](auto& s) { s.mutual_chap.reset(); }));
    EXPECT_TRUE(complete([](auto& s) {
        s.chap.reset();
        s.mutual_chap.reset();
        s.chap_algorithms = {};
    }));
}

TEST(LoginOrder, is_one_request_for_each_response) {
    LoginConversation login(plain_settings());
    EXPECT_EQ(login.answer({"AuthMethod=None"}), LoginState::sending) << "nobody has asked it";
    login.request();
    EXPECT_FALSE(login.client().next_pdu()) << "it was sent";
    EXPECT_EQ(login.state(), LoginState::receiving);
    EXPECT_EQ(login.answer({"AuthMethod=None"}), LoginState::sending);
    EXPECT_EQ(login.request().header.current, Stage::operational);
}

TEST(LoginOrder, has_an_end_that_nothing_changes) {
    LoginConversation finished(plain_settings()), failed(plain_settings()),
        redirected(plain_settings());
    finished.pass_security();
    finished.answer({});
    failed.request();
    failed.refuse(2, 1);
    redirected.request();
    redirected.refuse(1, 1, {"TargetAddress=10.0.0.2"});
    for (const auto& [login, state] : {std::pair{&finished, LoginState::finished},
                                       {&failed, LoginState::failed},
                                       {&redirected, LoginState::redirected}}) {
        EXPECT_EQ(login->answer({"AuthMethod=None"}), state);
        EXPECT_EQ(login->client().connection_closed(), state);
        EXPECT_EQ(login->client().connection_unreadable(FrameState::too_long), state);
        EXPECT_FALSE(login->client().next_pdu());
        EXPECT_EQ(login->client().failure().problem,
                  state == LoginState::failed ? LoginProblem::refused : LoginProblem::none);
    }
}

TEST(LoginOrder, ends_with_the_connection_before_the_first_request_too) {
    LoginConversation closed(plain_settings()), damaged(plain_settings());
    EXPECT_EQ(closed.client().connection_closed(), LoginState::failed);
    EXPECT_EQ(damaged.client().connection_unreadable(FrameState::too_long), LoginState::failed);
    EXPECT_EQ(damaged.client().failure().problem, LoginProblem::frame_too_long);
}

TEST(LoginMethod, is_to_be_said_where_chap_is_on_offer_even_if_the_target_goes_on) {
    LoginSettings settings = chap_settings();
    settings.session_type = SessionType::discovery;
    settings.target_name = {};
    LoginConversation login(settings);
    EXPECT_TRUE(login.request().header.transit);
    EXPECT_EQ(login.answer({}), LoginState::failed);
    EXPECT_EQ(login.client().failure().problem, LoginProblem::no_authentication_answer);
}

TEST(LoginMethod, that_cannot_be_had_is_told_by_what_the_operator_can_do) {
    const auto problem = [](const LoginSettings& settings, const char* method) {
        LoginConversation login(settings);
        login.request();
        EXPECT_EQ(stay(login, {std::string("AuthMethod=") + method}), LoginState::failed);
        EXPECT_EQ(login.client().failure().value.view(), method);
        return login.client().failure().problem;
    };
    EXPECT_EQ(problem(plain_settings(), "CHAP"), LoginProblem::credentials_needed);
    EXPECT_EQ(problem(plain_settings(), "Reject"), LoginProblem::credentials_needed);
    EXPECT_EQ(problem(plain_settings(), "KRB5"), LoginProblem::authentication_not_offered);
    EXPECT_EQ(problem(chap_settings(), "Reject"), LoginProblem::authentication_not_offered);
    EXPECT_EQ(problem(chap_settings(), "KRB5"), LoginProblem::authentication_not_offered);
}

TEST(LoginMethod, that_is_told_after_the_security_stage_was_never_offered_there) {
    LoginConversation login(plain_settings());
    login.request();
    login.answer({});
    login.request();
    EXPECT_EQ(login.answer({"AuthMethod=None"}), LoginState::failed);
    EXPECT_EQ(login.client().failure().key_problem, KeyProblem::not_offered);
}

TEST(LoginKeys, with_addresses_of_the_target_are_passed_over) {
    LoginConversation login(plain_settings());
    login.request();
    ASSERT_EQ(login.answer({"TargetAddress=10.0.0.1:3260,1", "AuthMethod=None"}),
              LoginState::sending);
    EXPECT_EQ(login.request().text.find("TargetAddress"), std::string::npos);
    EXPECT_EQ(login.answer({"TargetAddress=10.0.0.2:3260,1"}), LoginState::finished);
    EXPECT_TRUE(login.client().result().unanswered_key.empty());
}

TEST(LoginKeys, that_must_be_agreed_on_are_not_left_out_by_the_target) {
    LoginSettings settings = plain_settings();
    settings.operational.header_digest = DigestPreference::crc32c_only;
    LoginConversation login(settings);
    login.pass_security();
    EXPECT_EQ(login.answer({}), LoginState::failed);
    EXPECT_EQ(login.client().failure().key_problem, KeyProblem::nothing_in_common);
    EXPECT_EQ(login.client().failure().key.view(), "HeaderDigest");
}

TEST(LoginSession, has_any_handle_but_0_and_a_discovery_needs_none) {
    const auto state_with = [](uint16_t tsih, SessionType type) {
        LoginSettings settings = plain_settings();
        settings.session_type = type;
        if (type == SessionType::discovery) settings.target_name = {};
        LoginConversation login(settings);
        login.pass_security();
        LoginResponsePdu header = login.response();
        header.tsih = tsih;
        return login.answer(header, {});
    };
    EXPECT_EQ(state_with(0, SessionType::normal), LoginState::failed);
    EXPECT_EQ(state_with(1, SessionType::normal), LoginState::finished);
    EXPECT_EQ(state_with(0xffff, SessionType::normal), LoginState::finished);
    EXPECT_EQ(state_with(0, SessionType::discovery), LoginState::finished);
}

/// After the answer to CHAP_A=7 with these algorithms on offer, the target refuses.
LoginState after_refusal(std::span<const ChapAlgorithm> offer, uint8_t detail) {
    LoginSettings settings = chap_settings();
    settings.chap_algorithms = offer;
    LoginConversation login(settings);
    answer_of(login, "7");
    return login.refuse(2, detail);
}

TEST(ChapLists, of_two_algorithms_may_be_to_blame_and_one_alone_is_not) {
    static constexpr std::array two{ChapAlgorithm::sha256, ChapAlgorithm::md5};
    EXPECT_EQ(after_refusal(two, 0), LoginState::retry_with_md5);
    EXPECT_EQ(after_refusal(two, 1), LoginState::failed);
    EXPECT_EQ(after_refusal(std::span(two).first(1), 0), LoginState::failed);

    LoginSettings settings = chap_settings();
    settings.chap_algorithms = two;
    LoginConversation login(settings);
    login.request();
    login.answer({"AuthMethod=CHAP"});
    EXPECT_EQ(login.request().text, "CHAP_A=7,5;");
    EXPECT_EQ(login.refuse(2, 1), LoginState::retry_with_md5);
}

TEST(ChapLists, are_to_blame_where_a_target_does_not_understand_or_complete_the_challenge) {
    for (const char* answer : {"CHAP_A=NotUnderstood", "CHAP_A=Reject", "CHAP_I=5"}) {
        LoginConversation login(chap_settings());
        login.request();
        login.answer({"AuthMethod=CHAP"});
        login.request();
        EXPECT_EQ(stay(login, {answer}), LoginState::retry_with_md5) << answer;
    }
}

TEST(ChapLists, are_not_to_blame_for_what_goes_wrong_after_the_proof) {
    LoginConversation login(chap_settings());
    answer_of(login, "7");
    login.answer({});
    EXPECT_EQ(login.request().header.current, Stage::operational);
    EXPECT_EQ(login.refuse(2, 0), LoginState::failed);
    EXPECT_EQ(login.client().failure().problem, LoginProblem::refused);
}

TEST(MutualChap, takes_a_response_of_one_byte_for_one_that_is_wrong) {
    const std::string right =
        proof(ChapAlgorithm::sha256, 9, "secret of the target", mutual_settings().random.challenge);
    for (const auto& [pairs, problem] :
         {std::pair{std::vector<std::string>{"CHAP_N=target", "CHAP_R=0x01"},
                    ChapProblem::response_wrong},
          {{"CHAP_N=target", "CHAP_R=0x01", right}, ChapProblem::repeated}}) {
        LoginConversation login(mutual_settings());
        answer_of(login);
        std::string text;
        for (const std::string& pair : pairs)
            text += pair + '\0';
        login.client().receive_pdu({login.response().encode(), bytes_of(text)});
        EXPECT_EQ(login.client().failure().chap_problem, problem);
    }
}

}  // namespace
}  // namespace bootwire::iscsi
