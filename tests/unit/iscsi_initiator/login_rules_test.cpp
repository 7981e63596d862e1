// What a neutral judge asks of a login and login_test.cpp does not: unh_iol.txt has the numbers.
#include "scripted_target.h"

namespace bootwire::iscsi {
namespace {

/// The operational answer of a target that needs another round for it.
LoginState answer_and_stay(LoginConversation& login, std::initializer_list<std::string> pairs) {
    LoginResponsePdu header = login.response();
    header.transit = false;
    return login.answer(header, pairs);
}

TEST(LoginNumbers, count_from_whatever_stat_sn_the_target_begins_with) {
    for (const uint32_t first : {0u, 1u, 0x7fffffffu, 0xfffffffeu, 0xffffffffu}) {
        LoginConversation login(plain_settings());
        EXPECT_EQ(login.request().header.exp_stat_sn, 0u);
        LoginResponsePdu header = login.response();
        header.stat_sn = first;
        login.answer(header, {"AuthMethod=None"});
        EXPECT_EQ(login.request().header.exp_stat_sn, first + 1);
        header = login.response();
        header.stat_sn = first + 1;
        ASSERT_EQ(login.answer(header, {}), LoginState::finished);
        EXPECT_EQ(login.client().result().exp_stat_sn, first + 2);
    }
}

TEST(LoginNumbers, of_commands_stay_where_they_are) {
    LoginSettings settings = plain_settings();
    settings.cmd_sn = 77;
    settings.task_tag = 5;
    LoginConversation login(settings);
    const Request first = login.request();
    login.answer({"AuthMethod=None"});
    const Request second = login.request();
    for (const Request& request : {first, second}) {
        EXPECT_EQ(request.header.cmd_sn, 77u);
        EXPECT_EQ(request.header.task_tag, 5u);
        EXPECT_EQ(request.header.tsih, 0);
        EXPECT_EQ(request.header.cid, 0);
    }
    ASSERT_EQ(login.answer({}), LoginState::finished);
    EXPECT_EQ(login.client().result().cmd_sn, 77u);
}

TEST(LoginStages, wait_for_a_target_that_goes_on_later_and_offer_nothing_twice) {
    LoginConversation login(plain_settings());
    EXPECT_NE(login.pass_security().text, "");
    for (int round = 0; round < 3; ++round) {
        ASSERT_EQ(answer_and_stay(login, {}), LoginState::sending);
        const Request again = login.request();
        EXPECT_EQ(again.text, "");
        EXPECT_TRUE(again.header.transit);
        EXPECT_EQ(again.header.current, Stage::operational);
        EXPECT_EQ(again.header.next, Stage::full_feature);
    }
    EXPECT_EQ(login.answer({"MaxBurstLength=65536"}), LoginState::finished);
    EXPECT_EQ(login.client().result().parameters.max_burst, 65536u);
}

TEST(LoginKeys, may_be_answered_once_in_one_response_or_in_two) {
    LoginConversation at_once(plain_settings());
    at_once.pass_security();
    EXPECT_EQ(at_once.answer({"ImmediateData=Yes", "ImmediateData=No"}), LoginState::failed);
    EXPECT_EQ(at_once.client().failure().key_problem, KeyProblem::repeated);
    EXPECT_EQ(at_once.client().failure().key.view(), "ImmediateData");

    LoginConversation one_by_one(plain_settings());
    one_by_one.pass_security();
    ASSERT_EQ(answer_and_stay(one_by_one, {"ImmediateData=Yes"}), LoginState::sending);
    one_by_one.request();
    EXPECT_EQ(one_by_one.answer({"ImmediateData=No"}), LoginState::failed);
    EXPECT_EQ(one_by_one.client().failure().key_problem, KeyProblem::repeated);
}

TEST(LoginKeys, that_are_repeated_with_the_same_value_do_no_harm_but_for_those_of_the_proof) {
    LoginConversation again(plain_settings());
    again.pass_security();
    ASSERT_EQ(answer_and_stay(again, {"ImmediateData=Yes"}), LoginState::sending);
    again.request();
    EXPECT_EQ(again.answer({"ImmediateData=Yes"}), LoginState::finished);
    EXPECT_EQ(again.client().result().parameters.repeated_key, "ImmediateData");

    LoginConversation method(plain_settings());
    method.request();
    EXPECT_EQ(method.answer({"AuthMethod=None", "AuthMethod=None"}), LoginState::failed);
    EXPECT_EQ(method.client().failure().key_problem, KeyProblem::repeated);
}

TEST(LoginKeys, may_lack_the_last_zero_byte_which_is_noted) {
    for (const bool whole : {false, true}) {
        LoginConversation login(plain_settings());
        login.request();
        std::string text("AuthMethod=None\0TargetPortalGroupTag=1\0", 39);
        if (!whole) text.pop_back();
        login.client().receive_pdu({login.response().encode(), bytes_of(text)});
        ASSERT_EQ(login.state(), LoginState::sending);
        login.request();
        ASSERT_EQ(login.answer({"DefaultTime2Retain=20"}), LoginState::finished);
        EXPECT_EQ(login.client().result().unterminated, !whole);
        EXPECT_EQ(login.client().result().parameters.target_portal_group_tag, 1);
        EXPECT_TRUE(login.client().result().parameters.times_beyond_offer);
    }
}

TEST(LoginKeys, with_an_answer_that_is_none_end_the_login_and_are_named) {
    struct Answer {
        std::string key, value;
        KeyProblem problem;
    };
    for (const Answer& answer : {Answer{"FirstBurstLength", "262145", KeyProblem::not_offered},
                                 {"FirstBurstLength", "16777216", KeyProblem::illegal_value},
                                 {"MaxBurstLength", "16776193", KeyProblem::not_offered},
                                 {"ImmediateData", "Maybe", KeyProblem::illegal_value},
                                 {"ImmediateData", "yes", KeyProblem::illegal_value},
                                 {"InitialR2T", "1", KeyProblem::illegal_value},
                                 {"MaxConnections", "2", KeyProblem::not_offered},
                                 {"HeaderDigest", "MD5", KeyProblem::illegal_value},
                                 {"DataDigest", "CRC32C,None", KeyProblem::illegal_value},
                                 {"DefaultTime2Retain", "-1", KeyProblem::illegal_value},
                                 {"DefaultTime2Wait", "long", KeyProblem::illegal_value},
                                 {"MaxOutstandingR2T", "2", KeyProblem::not_offered},
                                 {"ErrorRecoveryLevel", "1", KeyProblem::not_offered}}) {
        LoginConversation login(plain_settings());
        login.pass_security();
        EXPECT_EQ(login.answer({answer.key + "=" + answer.value}), LoginState::failed);
        const LoginFailure& failure = login.client().failure();
        EXPECT_EQ(failure.problem, LoginProblem::bad_key) << answer.key << '=' << answer.value;
        EXPECT_EQ(failure.key_problem, answer.problem) << answer.key << '=' << answer.value;
        EXPECT_EQ(failure.key.view(), answer.key);
        EXPECT_EQ(failure.value.view(), answer.value);
    }
}

TEST(LoginKeys, that_are_numbers_are_offered_as_what_one_connection_without_recovery_can) {
    const Request request = LoginConversation(plain_settings()).pass_security();
    for (const char* offer :
         {"MaxConnections=1", "ErrorRecoveryLevel=0", "MaxOutstandingR2T=1", "DefaultTime2Wait=2",
          "DefaultTime2Retain=0", "ImmediateData=Yes", "MaxRecvDataSegmentLength=262144",
          "MaxBurstLength=16776192", "FirstBurstLength=262144"}) {
        EXPECT_TRUE(request.has(offer)) << offer;
    }
}

TEST(LoginKeys, that_are_yes_or_no_are_agreed_on_by_their_own_functions) {
    for (const bool initial_r2t : {false, true}) {
        for (const bool immediate_data : {false, true}) {
            LoginConversation login(plain_settings());  // offers InitialR2T=No, ImmediateData=Yes
            login.pass_security();
            ASSERT_EQ(
                login.answer({std::string("InitialR2T=") + (initial_r2t ? "Yes" : "No"),
                              std::string("ImmediateData=") + (immediate_data ? "Yes" : "No")}),
                LoginState::finished);
            EXPECT_EQ(login.client().result().parameters.initial_r2t, initial_r2t);
            EXPECT_EQ(login.client().result().parameters.immediate_data, immediate_data);
        }
    }
    LoginSettings settings = plain_settings();
    settings.operational.initial_r2t = true;
    settings.operational.immediate_data = false;
    for (const char* beyond : {"InitialR2T=No", "ImmediateData=Yes"}) {
        LoginConversation login(settings);
        login.pass_security();
        EXPECT_EQ(login.answer({beyond}), LoginState::failed);
        EXPECT_EQ(login.client().failure().key_problem, KeyProblem::not_offered) << beyond;
    }
}

TEST(LoginMethod, outside_the_list_that_was_offered_ends_the_login) {
    for (const char* method : {"KRB5", "SRP", "CHAP,None", "chap", "NotUnderstood"}) {
        LoginSettings settings = plain_settings();
        settings.chap = ChapCredentials{"pi", "secret of the pi"};
        LoginConversation login(settings);
        login.request();
        EXPECT_EQ(login.answer({std::string("AuthMethod=") + method}), LoginState::failed);
        EXPECT_EQ(login.client().failure().problem, LoginProblem::authentication_not_offered);
        EXPECT_EQ(login.client().failure().value.view(), method);
    }
}

TEST(LoginDigests, are_those_that_the_target_chose_for_headers_and_for_data) {
    for (const bool header : {false, true}) {
        for (const bool data : {false, true}) {
            LoginConversation login(plain_settings());
            const Request offers = login.pass_security();
            EXPECT_TRUE(offers.has("HeaderDigest=None,CRC32C"));
            EXPECT_TRUE(offers.has("DataDigest=None,CRC32C"));
            ASSERT_EQ(login.answer({std::string("HeaderDigest=") + (header ? "CRC32C" : "None"),
                                    std::string("DataDigest=") + (data ? "CRC32C" : "None")}),
                      LoginState::finished);
            EXPECT_EQ(login.client().result().digests().header, header);
            EXPECT_EQ(login.client().result().digests().data, data);
        }
    }
}

TEST(LoginDigests, that_the_target_offers_first_are_answered_and_not_offered_again) {
    LoginConversation login(plain_settings());
    login.request();
    login.answer({"AuthMethod=None", "HeaderDigest=CRC32C,None", "DataDigest=X-sum,None"});
    const Request request = login.request();
    EXPECT_TRUE(request.has("HeaderDigest=CRC32C"));
    EXPECT_TRUE(request.has("DataDigest=None"));
    EXPECT_EQ(request.text.find("None,CRC32C"), request.text.npos);
    ASSERT_EQ(login.answer({}), LoginState::finished);
    EXPECT_TRUE(login.client().result().digests().header);
    EXPECT_FALSE(login.client().result().digests().data);
}

}  // namespace
}  // namespace bootwire::iscsi
