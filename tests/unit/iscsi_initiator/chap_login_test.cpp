#include "chap_target.h"

namespace bootwire::iscsi {
namespace {

TEST(ChapLogin, offers_the_strongest_first_and_answers_in_each_algorithm) {
    for (const ChapAlgorithm algorithm : all_chap_algorithms) {
        LoginConversation login(chap_settings());
        const Request first = login.request();
        EXPECT_TRUE(first.has("AuthMethod=CHAP,None"));
        EXPECT_FALSE(first.header.transit);
        login.answer({"AuthMethod=CHAP"});
        EXPECT_EQ(login.request().text, "CHAP_A=7,8,6,5;");
        login.answer({"CHAP_A=" + std::to_string(static_cast<int>(algorithm)), "CHAP_I=5",
                      "CHAP_C=0bAQIDBA=="});
        const Request answer = login.request();
        EXPECT_TRUE(answer.header.transit);
        EXPECT_TRUE(answer.has("CHAP_N=pi"));
        EXPECT_TRUE(answer.has(proof(algorithm, 5, "secret of the pi", challenge)));
        login.answer({});
        login.request();
        ASSERT_EQ(login.answer({}), LoginState::finished);
        EXPECT_EQ(login.client().result().chap_algorithm, algorithm);
        EXPECT_FALSE(login.client().result().target_proved);
    }
}

/// LIO without a user for discovery: takes the first method that it knows, and if that is CHAP
/// refuses it, as there is nothing to compare with.
LoginState at_lio_without_discovery_login(const LoginSettings& settings) {
    LoginConversation login(settings);
    const Request first = login.request();
    if (!first.has("AuthMethod=None,CHAP")) {
        login.answer({"AuthMethod=CHAP"});
        login.request();
        login.refuse(2, 1);
        return login.state();
    }
    EXPECT_TRUE(first.header.transit) << "an empty request to go on is refused";
    login.answer({"AuthMethod=None"});
    login.request();
    return login.answer({});
}

TEST(ChapLogin,
     of_a_discovery_session_prefers_no_proof_since_servers_may_have_another_user_for_it) {
    LoginSettings settings = chap_settings();
    settings.session_type = SessionType::discovery;
    settings.target_name = {};
    EXPECT_EQ(at_lio_without_discovery_login(settings), LoginState::finished);

    LoginConversation enforced(settings);
    enforced.request();
    LoginResponsePdu not_yet = enforced.response();
    not_yet.transit = false;
    ASSERT_EQ(enforced.answer(not_yet, {"AuthMethod=CHAP"}), LoginState::sending);
    EXPECT_EQ(enforced.request().text, "CHAP_A=7,8,6,5;") << "where the server wants it";
}

TEST(MutualChap, of_a_discovery_session_takes_nothing_less_either) {
    LoginSettings settings = mutual_settings();
    settings.session_type = SessionType::discovery;
    settings.target_name = {};
    LoginConversation login(settings);
    EXPECT_TRUE(login.request().has("AuthMethod=CHAP"));
    login.answer({"AuthMethod=None"});
    EXPECT_EQ(login.client().failure().problem, LoginProblem::authentication_not_offered);
}

TEST(ChapLogin, asks_again_to_go_on_if_the_target_needs_another_round) {
    LoginConversation login(chap_settings());
    answer_of(login);
    LoginResponsePdu header = login.response();
    header.transit = false;
    login.answer(header, {});
    const Request next = login.request();
    EXPECT_TRUE(next.header.transit);
    EXPECT_EQ(next.text, "");
    login.answer({});
    EXPECT_EQ(login.request().header.current, Stage::operational);
}

TEST(ChapLogin, asks_again_for_a_challenge_and_a_proof_that_take_their_time) {
    const auto idle = [](LoginConversation& login) {
        for (int i = 0; i < 3; ++i) {
            LoginResponsePdu header = login.response();
            header.transit = false;
            ASSERT_EQ(login.answer(header, {}), LoginState::sending);
            EXPECT_EQ(login.request().text, "");
        }
    };
    const LoginSettings settings = mutual_settings();
    LoginConversation login(settings);
    login.request();
    login.answer({"AuthMethod=CHAP"});
    login.request();
    idle(login);
    login.answer({"CHAP_A=7", "CHAP_I=5", "CHAP_C=0x01020304"});
    EXPECT_TRUE(login.request().has("CHAP_N=pi"));
    idle(login);
    login.answer({"CHAP_N=target", proof(ChapAlgorithm::sha256, 9, "secret of the target",
                                         settings.random.challenge)});
    login.request();
    ASSERT_EQ(login.answer({}), LoginState::finished);
    EXPECT_TRUE(login.client().result().target_proved);
}

TEST(ChapLogin, works_where_the_target_asks_for_no_proof) {
    LoginConversation login(chap_settings());
    login.request();
    login.answer({"AuthMethod=None"});
    EXPECT_TRUE(login.request().header.transit);
    login.answer({});
    login.request();
    ASSERT_EQ(login.answer({}), LoginState::finished);
    EXPECT_FALSE(login.client().result().chap_algorithm);
}

TEST(MutualChap, lets_a_target_in_that_knows_the_secret) {
    for (const ChapAlgorithm algorithm : all_chap_algorithms) {
        const LoginSettings settings = mutual_settings();
        LoginConversation login(settings);
        const Request answer = answer_of(login, std::to_string(static_cast<int>(algorithm)));
        EXPECT_TRUE(answer.has("CHAP_I=9"));
        EXPECT_TRUE(answer.has("CHAP_C=" + hex(settings.random.challenge)));
        login.answer({"CHAP_N=target",
                      proof(algorithm, 9, "secret of the target", settings.random.challenge)});
        login.request();
        ASSERT_EQ(login.answer({}), LoginState::finished);
        EXPECT_TRUE(login.client().result().target_proved);
    }
}

TEST(MutualChap, offers_no_way_around_it) {
    LoginConversation login(mutual_settings());
    EXPECT_TRUE(login.request().has("AuthMethod=CHAP"));
    login.answer({"AuthMethod=None"});
    EXPECT_EQ(login.client().failure().problem, LoginProblem::authentication_not_offered);
}

TEST(MutualChap, keeps_out_a_target_that_says_nothing_about_authentication) {
    LoginConversation login(mutual_settings());
    login.request();
    for (int i = 0; i < max_login_responses && login.state() == LoginState::receiving; ++i) {
        if (login.answer({}) == LoginState::sending) login.request();
        ASSERT_NE(login.state(), LoginState::finished);
    }
    EXPECT_EQ(login.client().failure().problem, LoginProblem::no_authentication_answer);
    LoginConversation hasty(mutual_settings());
    hasty.request();
    LoginResponsePdu header = hasty.response();
    header.transit = true;
    header.next = Stage::operational;
    EXPECT_EQ(hasty.answer(header, {}), LoginState::failed);
    EXPECT_EQ(hasty.client().failure().problem, LoginProblem::wrong_stage);
}

ChapProblem mutual_problem(std::initializer_list<std::string> pairs) {
    LoginConversation login(mutual_settings());
    answer_of(login);
    login.answer(pairs);
    EXPECT_EQ(login.state(), LoginState::failed);
    return login.client().failure().chap_problem;
}

TEST(MutualChap, keeps_out_a_target_that_does_not_prove_itself) {
    const auto right =
        proof(ChapAlgorithm::sha256, 9, "secret of the target", mutual_settings().random.challenge);
    const auto wrong = proof(ChapAlgorithm::sha256, 9, "a guess", challenge);
    EXPECT_EQ(mutual_problem({}), ChapProblem::incomplete);
    EXPECT_EQ(mutual_problem({"CHAP_N=target"}), ChapProblem::incomplete);
    EXPECT_EQ(mutual_problem({"CHAP_N=target", wrong}), ChapProblem::response_wrong);
    EXPECT_EQ(mutual_problem({"CHAP_N=target", right.substr(0, right.size() - 2)}),
              ChapProblem::response_wrong);
    EXPECT_EQ(mutual_problem({"CHAP_N=other", right}), ChapProblem::name_unknown);
    EXPECT_EQ(mutual_problem({"CHAP_N=target", "CHAP_R=secret"}), ChapProblem::response_malformed);
}

TEST(MutualChap, keeps_out_a_target_that_says_something_twice) {
    const auto right =
        proof(ChapAlgorithm::sha256, 9, "secret of the target", mutual_settings().random.challenge);
    const auto wrong = proof(ChapAlgorithm::sha256, 9, "a guess", challenge);
    EXPECT_EQ(mutual_problem({"CHAP_N=target", wrong, right}), ChapProblem::repeated);
    EXPECT_EQ(mutual_problem({"CHAP_N=target", right, right}), ChapProblem::repeated);
    EXPECT_EQ(mutual_problem({"CHAP_N=other", "CHAP_N=target", right}), ChapProblem::repeated);
}

TEST(MutualChap, wants_the_whole_response_and_nothing_behind_it) {
    for (const ChapAlgorithm algorithm : all_chap_algorithms) {
        const auto right =
            proof(algorithm, 9, "secret of the target", mutual_settings().random.challenge);
        for (const std::string& wrong :
             {right + "00", right + "0", right.substr(0, right.size() - 1),
              right.substr(0, right.size() - 2),
              right.substr(0, 9) + (right[9] == '0' ? "1" : "0") + right.substr(10)}) {
            LoginConversation login(mutual_settings());
            answer_of(login, std::to_string(static_cast<int>(algorithm)));
            EXPECT_EQ(login.answer({"CHAP_N=target", wrong}), LoginState::failed) << wrong;
            EXPECT_EQ(login.client().failure().problem, LoginProblem::chap);
        }
    }
}

TEST(MutualChap, takes_any_name_of_a_decent_length_where_none_is_expected) {
    LoginSettings settings = mutual_settings();
    settings.mutual_chap->user = {};
    const auto right =
        proof(ChapAlgorithm::sha256, 9, "secret of the target", settings.random.challenge);
    for (const size_t length : {0, 1, 255, 256, 300}) {
        LoginConversation login(settings);
        answer_of(login);
        login.answer({"CHAP_N=" + std::string(length, 'n'), right});
        const bool decent = length > 0 && length <= max_chap_name;
        EXPECT_EQ(login.state(), decent ? LoginState::sending : LoginState::failed) << length;
        EXPECT_EQ(login.client().failure().chap_problem,
                  decent ? ChapProblem::none : ChapProblem::name_malformed);
    }
}

TEST(MutualChap, refuses_one_secret_for_both_directions) {
    LoginSettings settings = mutual_settings();
    settings.mutual_chap->secret = settings.chap->secret;
    LoginConversation login(settings);
    EXPECT_EQ(login.state(), LoginState::failed);
    EXPECT_EQ(login.client().failure().chap_problem, ChapProblem::same_secret_both_ways);
}

ChapProblem challenge_problem(std::initializer_list<std::string> pairs) {
    LoginConversation login(mutual_settings());
    login.request();
    login.answer({"AuthMethod=CHAP"});
    login.request();
    login.answer(pairs);
    EXPECT_EQ(login.state(), LoginState::failed);
    return login.client().failure().chap_problem;
}

TEST(ChapLogin, refuses_challenges_that_are_reflected_malformed_or_not_asked_for) {
    const std::string reflected = "CHAP_C=" + hex(mutual_settings().random.challenge);
    EXPECT_EQ(challenge_problem({"CHAP_A=7", "CHAP_I=5", reflected}),
              ChapProblem::challenge_reflected);
    EXPECT_EQ(challenge_problem({"CHAP_A=7", "CHAP_I=256", "CHAP_C=0x01"}),
              ChapProblem::identifier_malformed);
    EXPECT_EQ(challenge_problem({"CHAP_A=7", "CHAP_I=1", "CHAP_C=01"}),
              ChapProblem::challenge_malformed);
    EXPECT_EQ(challenge_problem({"CHAP_A=7", "CHAP_I=1",
                                 "CHAP_C=0x" + std::string(2 * max_chap_challenge + 2, '1')}),
              ChapProblem::challenge_malformed);
    EXPECT_EQ(challenge_problem({"CHAP_A=9", "CHAP_I=1", "CHAP_C=0x01"}),
              ChapProblem::algorithm_not_offered);
    EXPECT_EQ(challenge_problem({"CHAP_R=0x01"}), ChapProblem::unexpected_key);
}

TEST(ChapLogin, takes_no_key_of_a_challenge_twice) {
    const std::string c = "CHAP_C=0x01020304";
    EXPECT_EQ(challenge_problem({"CHAP_A=5", "CHAP_A=7", "CHAP_I=5", c}), ChapProblem::repeated);
    EXPECT_EQ(challenge_problem({"CHAP_A=7", "CHAP_I=4", "CHAP_I=5", c}), ChapProblem::repeated);
    EXPECT_EQ(challenge_problem({"CHAP_A=7", "CHAP_I=5", "CHAP_C=0x01", c}), ChapProblem::repeated);
}

TEST(ChapLogin, takes_nothing_of_the_security_stage_after_it) {
    const auto failure_after = [](const std::string& pair) {
        LoginConversation login(plain_settings());
        login.pass_security();
        EXPECT_EQ(login.answer({pair}), LoginState::failed) << pair;
        return login.client().failure();
    };
    EXPECT_EQ(failure_after("AuthMethod=None").key_problem, KeyProblem::repeated);
    EXPECT_EQ(failure_after("AuthMethod=CHAP").key.view(), "AuthMethod");
    EXPECT_EQ(failure_after("CHAP_A=5").chap_problem, ChapProblem::unexpected_key);
    LoginConversation login(plain_settings());
    login.request();
    login.answer({});
    login.request();
    EXPECT_EQ(login.answer({"AuthMethod=None"}), LoginState::failed) << "too late";
}

TEST(ChapLogin, takes_sixteen_zero_bytes_for_a_challenge_like_any_other) {
    LoginSettings settings = chap_settings();
    settings.random = {};
    LoginConversation login(settings);
    login.request();
    login.answer({"AuthMethod=CHAP"});
    login.request();
    login.answer({"CHAP_A=7", "CHAP_I=5", "CHAP_C=0x" + std::string(32, '0')});
    const std::array<uint8_t, 16> zeros{};
    EXPECT_TRUE(login.request().has(proof(ChapAlgorithm::sha256, 5, "secret of the pi", zeros)));
}

TEST(ChapLists, ask_for_another_try_with_md5_alone_where_a_target_rejects_them) {
    const auto after = [](auto answer) {
        LoginConversation login(chap_settings());
        login.request();
        login.answer({"AuthMethod=CHAP"});
        login.request();
        answer(login);
        return login.state();
    };
    EXPECT_EQ(after([](auto& login) { login.refuse(2, 1); }), LoginState::retry_with_md5);
    EXPECT_EQ(after([](auto& login) { login.refuse(2, 0); }), LoginState::retry_with_md5);
    EXPECT_EQ(after([](auto& login) { login.answer({"CHAP_A=Reject"}); }),
              LoginState::retry_with_md5);
    EXPECT_EQ(after([](auto& login) { login.client().connection_closed(); }),
              LoginState::retry_with_md5);
    EXPECT_EQ(after([](auto& login) { login.client().receive_pdu({RejectPdu{}.encode(), {}}); }),
              LoginState::retry_with_md5);
    EXPECT_EQ(after([](auto& login) { login.refuse(3, 1); }), LoginState::failed);
}

TEST(ChapLists, end_with_md5_alone) {
    LoginSettings settings = chap_settings();
    settings.chap_algorithms = md5_alone;
    LoginConversation login(settings);
    login.request();
    login.answer({"AuthMethod=CHAP"});
    EXPECT_EQ(login.request().text, "CHAP_A=5;");
    EXPECT_EQ(login.refuse(2, 1), LoginState::failed);
}

TEST(ChapLists, are_not_blamed_for_a_wrong_secret) {
    LoginConversation login(chap_settings());
    answer_of(login);
    EXPECT_EQ(login.refuse(2, 1), LoginState::failed);
    LoginConversation early(chap_settings());
    early.request();
    EXPECT_EQ(early.refuse(2, 1), LoginState::failed);
}

TEST(ChapLists, are_given_up_for_tgt_that_means_sha1_by_the_number_of_sha256) {
    LoginConversation login(chap_settings());
    answer_of(login, "7");
    EXPECT_EQ(login.refuse(2, 0), LoginState::retry_with_md5);
    LoginConversation other(chap_settings());
    answer_of(other, "8");
    EXPECT_EQ(other.refuse(2, 0), LoginState::failed);
}

TEST(ChapLogin, ends_where_the_target_asks_for_a_proof_and_there_are_no_credentials) {
    LoginConversation login(plain_settings());
    login.request();
    LoginResponsePdu header = login.response();
    header.transit = false;
    login.answer(header, {"AuthMethod=CHAP"});
    EXPECT_EQ(login.client().failure().problem, LoginProblem::credentials_needed);
}

}  // namespace
}  // namespace bootwire::iscsi
