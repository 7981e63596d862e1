// What a neutral judge asks of CHAP and chap_login_test.cpp does not: unh_iol.txt has the numbers.
#include "chap_target.h"

namespace bootwire::iscsi {
namespace {

const std::string some_challenge = "CHAP_C=0x01020304";

/// After the method was chosen and CHAP_A was sent, with one algorithm alone: a list would be
/// blamed first.
LoginFailure failure_after(std::initializer_list<std::string> pairs) {
    LoginSettings settings = mutual_settings();
    settings.chap_algorithms = md5_alone;
    LoginConversation login(settings);
    login.request();
    login.answer({"AuthMethod=CHAP"});
    login.request();
    EXPECT_EQ(login.answer(pairs), LoginState::failed);
    return login.client().failure();
}

/// The client's answer to a challenge by SHA-256.
Request answer_to(LoginConversation& login, const std::string& identifier,
                  const std::string& challenge_value) {
    login.request();
    login.answer({"AuthMethod=CHAP"});
    login.request();
    EXPECT_EQ(login.answer({"CHAP_A=7", "CHAP_I=" + identifier, "CHAP_C=" + challenge_value}),
              LoginState::sending);
    return login.request();
}

TEST(ChapAlgorithms, are_chosen_by_one_number_that_was_offered) {
    for (const char* choice : {"MD5", "SHA1", "five", "", "5,7", "-5", "0", "6", "9", "255"}) {
        EXPECT_EQ(failure_after({std::string("CHAP_A=") + choice, "CHAP_I=5", some_challenge})
                      .chap_problem,
                  ChapProblem::algorithm_not_offered)
            << choice;
    }
}

TEST(ChapOrder, of_the_steps_is_kept) {
    for (const char* early : {"CHAP_A=7", "CHAP_I=5", "CHAP_C=0x01020304", "CHAP_N=target"}) {
        LoginConversation login(mutual_settings());
        login.request();
        EXPECT_EQ(login.answer({"AuthMethod=CHAP", early}), LoginState::failed) << early;
        EXPECT_EQ(login.client().failure().chap_problem, ChapProblem::unexpected_key) << early;
    }
    for (const char* early : {"CHAP_N=target", "CHAP_R=0x01"}) {
        EXPECT_EQ(failure_after({"CHAP_A=5", "CHAP_I=5", some_challenge, early}).chap_problem,
                  ChapProblem::unexpected_key)
            << early;
    }
    for (const char* late : {"CHAP_A=7", "CHAP_I=5", "CHAP_C=0x01020304"}) {
        LoginConversation login(mutual_settings());
        answer_of(login);
        EXPECT_EQ(login.answer({"CHAP_N=target", late}), LoginState::failed) << late;
        EXPECT_EQ(login.client().failure().chap_problem, ChapProblem::unexpected_key) << late;
    }
}

TEST(ChapOrder, of_a_step_needs_all_of_its_keys) {
    EXPECT_EQ(failure_after({"CHAP_I=5", some_challenge}).chap_problem, ChapProblem::incomplete);
    EXPECT_EQ(failure_after({"CHAP_A=5", some_challenge}).chap_problem, ChapProblem::incomplete);
    EXPECT_EQ(failure_after({"CHAP_A=5", "CHAP_I=5"}).chap_problem, ChapProblem::incomplete);
}

TEST(ChapOrder, of_keys_within_a_step_is_the_targets_choice) {
    LoginConversation login(chap_settings());
    login.request();
    login.answer({"AuthMethod=CHAP"});
    login.request();
    ASSERT_EQ(login.answer({some_challenge, "CHAP_I=5", "CHAP_A=7"}), LoginState::sending);
    EXPECT_TRUE(
        login.request().has(proof(ChapAlgorithm::sha256, 5, "secret of the pi", challenge)));
}

TEST(ChapIdentifiers, are_one_byte_in_either_base) {
    for (const auto& [text, value] : {std::pair{"0", 0}, {"255", 255}, {"0xff", 255}, {"0x0", 0}}) {
        LoginConversation login(chap_settings());
        EXPECT_TRUE(answer_to(login, text, "0x01020304")
                        .has(proof(ChapAlgorithm::sha256, static_cast<uint8_t>(value),
                                   "secret of the pi", challenge)))
            << text;
    }
    for (const char* none : {"256", "-1", "", "five", "0x100"}) {
        EXPECT_EQ(
            failure_after({"CHAP_A=5", std::string("CHAP_I=") + none, some_challenge}).chap_problem,
            ChapProblem::identifier_malformed)
            << none;
    }
}

TEST(ChapIdentifiers, may_be_the_same_both_ways) {
    const LoginSettings settings = mutual_settings();
    LoginConversation login(settings);
    const Request answer = answer_to(login, "9", "0x01020304");
    EXPECT_TRUE(answer.has("CHAP_I=9")) << "ours, as it would be anyway";
    EXPECT_TRUE(answer.has(proof(ChapAlgorithm::sha256, 9, "secret of the pi", challenge)));
    EXPECT_EQ(login.answer({"CHAP_N=target", proof(ChapAlgorithm::sha256, 9, "secret of the target",
                                                   settings.random.challenge)}),
              LoginState::sending);
}

TEST(ChapChallenges, of_one_byte_and_of_1024_are_answered) {
    for (const size_t size : {size_t{1}, max_chap_challenge}) {
        const std::vector<uint8_t> bytes(size, 0xa7);
        LoginConversation login(chap_settings());
        EXPECT_TRUE(answer_to(login, "5", hex(bytes))
                        .has(proof(ChapAlgorithm::sha256, 5, "secret of the pi", bytes)))
            << size;
    }
    for (const std::string& none : {std::string("0x"), std::string("0b"), std::string(),
                                    hex(std::vector<uint8_t>(max_chap_challenge + 1, 0xa7))}) {
        EXPECT_EQ(failure_after({"CHAP_A=5", "CHAP_I=5", "CHAP_C=" + none}).chap_problem,
                  ChapProblem::challenge_malformed)
            << none.size();
    }
}

TEST(ChapNames, of_one_byte_and_of_255_are_sent_as_they_are) {
    for (const size_t size : {size_t{1}, max_chap_name}) {
        const std::string name(size, 'n');
        LoginSettings settings = chap_settings();
        settings.chap->user = name;
        LoginConversation login(settings);
        EXPECT_TRUE(answer_of(login).has("CHAP_N=" + name));
    }
}

TEST(ChapNames, may_be_the_same_both_ways) {
    LoginSettings settings = mutual_settings();
    settings.mutual_chap->user = settings.chap->user;
    LoginConversation login(settings);
    answer_of(login);
    EXPECT_EQ(login.answer({"CHAP_N=pi", proof(ChapAlgorithm::sha256, 9, "secret of the target",
                                               settings.random.challenge)}),
              LoginState::sending);
}

TEST(MutualChap, keeps_out_a_target_that_says_our_own_answer_again) {
    const std::string ours = proof(ChapAlgorithm::sha256, 5, "secret of the pi", challenge);
    LoginSettings any_name = mutual_settings();
    any_name.mutual_chap->user = {};
    for (const auto& [settings, problem] : {std::pair{mutual_settings(), ChapProblem::name_unknown},
                                            {any_name, ChapProblem::response_wrong}}) {
        LoginConversation login(settings);
        ASSERT_TRUE(answer_of(login).has(ours));
        EXPECT_EQ(login.answer({"CHAP_N=pi", ours}), LoginState::failed);
        EXPECT_EQ(login.client().failure().chap_problem, problem);
    }
}

}  // namespace
}  // namespace bootwire::iscsi
