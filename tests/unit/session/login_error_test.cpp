#include "session/login_error.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "topics/topic.h"

namespace bootwire::session {
namespace {

using namespace iscsi;

LoginSettings settings() {
    LoginSettings settings;
    settings.initiator_name = "iqn.2026-11.local.bootwire:test";
    settings.target_name = "iqn.2026-11.example:disk";
    return settings;
}

LoginSettings mutual_settings() {
    LoginSettings mutual = settings();
    mutual.chap = ChapCredentials{"pi", "secret of the pi"};
    mutual.mutual_chap = ChapCredentials{"target", "secret of the target"};
    return mutual;
}

LoginFailure failure_of(LoginProblem problem) {
    LoginFailure failure;
    failure.problem = problem;
    return failure;
}

LoginFailure refusal(uint8_t status_class, uint8_t detail) {
    LoginFailure failure = failure_of(LoginProblem::refused);
    failure.status_class = status_class;
    failure.status_detail = detail;
    return failure;
}

TEST(LoginStatus, every_class_and_detail_is_a_sentence_with_its_code) {
    const std::vector<std::pair<uint8_t, uint8_t>> known{{2, 0},  {2, 1},  {2, 2}, {2, 3}, {2, 4},
                                                         {2, 5},  {2, 6},  {2, 7}, {2, 8}, {2, 9},
                                                         {2, 10}, {2, 11}, {3, 0}, {3, 1}, {3, 2}};
    for (const auto& [status_class, detail] : known) {
        const Error error = describe(refusal(status_class, detail), settings());
        char code[16];
        std::snprintf(code, sizeof code, "%02x%02x", status_class, detail);
        EXPECT_NE(error.what.find(code), std::string::npos) << error.what;
        EXPECT_EQ(error.what.find("iqn.2026-11.example:disk"),
                  std::string::npos);  // who logs in says that
        EXPECT_FALSE(error.hint.empty()) << error.what;
    }
    EXPECT_EQ(describe(refusal(2, 200), settings()).what,
              "the target found fault with the login (status 02c8)");
    EXPECT_EQ(describe(refusal(9, 9), settings()).what,
              "the target answered with an unknown status (status 0909)");
}

TEST(LoginError, always_has_a_topic) {
    for (int problem = 1; problem <= static_cast<int>(LoginProblem::redirection_malformed);
         ++problem) {
        LoginFailure failure;
        failure.problem = static_cast<LoginProblem>(problem);
        EXPECT_NE(describe(failure, settings()).topic, Topic::other) << problem;
    }
    for (int problem = 1; problem <= static_cast<int>(ChapProblem::unexpected_key); ++problem) {
        LoginFailure failure;
        failure.problem = LoginProblem::chap;
        failure.chap_problem = static_cast<ChapProblem>(problem);
        EXPECT_NE(describe(failure, settings()).topic, Topic::other) << problem;
    }
    const auto topic_of = [](uint8_t status_class, uint8_t detail) {
        LoginFailure failure;
        failure.problem = LoginProblem::refused;
        failure.status_class = status_class;
        failure.status_detail = detail;
        return describe(failure, settings()).topic;
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

TEST(LoginError, says_what_is_missing) {
    LoginSettings nameless = settings();
    nameless.target_name = {};
    EXPECT_EQ(describe(failure_of(LoginProblem::settings_incomplete), nameless).what,
              "the login has no target name");
    EXPECT_EQ(describe(refusal(2, 1), settings()).hint, "give user name and secret");
    EXPECT_EQ(describe(refusal(2, 1), mutual_settings()).hint,
              "check user name and secret, here and on the target");
}

TEST(LoginError, of_a_discovery_says_how_to_do_without_one) {
    LoginSettings discovery = mutual_settings();
    discovery.target_name = {};
    discovery.session_type = SessionType::discovery;
    LoginFailure unproved = failure_of(LoginProblem::chap);
    unproved.chap_problem = ChapProblem::incomplete;
    for (const LoginFailure& failure : {refusal(2, 1), unproved}) {
        EXPECT_NE(describe(failure, discovery).hint.find("iscsi.target="), std::string::npos);
        EXPECT_EQ(describe(failure, mutual_settings()).hint.find("iscsi.target="),
                  std::string::npos);
    }
    EXPECT_EQ(describe(refusal(3, 1), discovery).hint.find("iscsi.target="), std::string::npos);
}

TEST(LoginError, tells_what_the_target_did) {
    LoginFailure rejected = failure_of(LoginProblem::rejected);
    rejected.reject_reason = 4;
    EXPECT_EQ(describe(rejected, settings()).what, "the target rejected a request: protocol error");
    EXPECT_EQ(describe(failure_of(LoginProblem::frame_too_long), settings()).what,
              "the target sent more data than a login response may carry");
    EXPECT_EQ(describe(failure_of(LoginProblem::connection_closed), settings()).remedy,
              Remedy::waiting_helps);
    LoginFailure moved = failure_of(LoginProblem::redirection_malformed);
    moved.value.assign("10.0.0.1:99999");
    EXPECT_NE(describe(moved, settings()).what.find("10.0.0.1:99999"), std::string::npos);
}

TEST(ChapErrors, never_show_a_secret) {
    for (uint8_t problem = 0; problem <= static_cast<uint8_t>(ChapProblem::unexpected_key);
         ++problem) {
        LoginFailure failure = failure_of(LoginProblem::chap);
        failure.chap_problem = static_cast<ChapProblem>(problem);
        const LoginSettings mutual = mutual_settings();
        const std::string error = describe(failure, mutual).to_string();
        EXPECT_EQ(error.find(mutual.chap->secret), std::string::npos);
        EXPECT_EQ(error.find(mutual.mutual_chap->secret), std::string::npos);
    }
}

TEST(ChapErrors, name_what_a_target_may_be_set_to) {
    LoginFailure failure = failure_of(LoginProblem::chap);
    failure.chap_problem = ChapProblem::algorithm_refused;
    EXPECT_EQ(describe(failure, settings()).hint,
              "allow SHA-256, SHA3-256, SHA-1 or MD5 on the target");
}

}  // namespace
}  // namespace bootwire::session
