#include "session/login_notes.h"

#include <gtest/gtest.h>

namespace bootwire::session {
namespace {

using namespace iscsi;

LoginSettings settings_with(std::string_view secret, std::string_view of_target) {
    LoginSettings settings;
    settings.chap = ChapCredentials{"pi", secret};
    settings.mutual_chap = ChapCredentials{"target", of_target};
    return settings;
}

LoginResult proved_both_ways() {
    LoginResult result;
    result.chap_algorithm = ChapAlgorithm::sha256;
    result.target_proved = true;
    return result;
}

TEST(LoginNotes, warn_of_each_secret_under_96_bits_without_giving_it_away) {
    EXPECT_TRUE(
        login_notes(proved_both_ways(), settings_with("123456789abc", "ABCDEFGHIJKL")).empty());
    const auto mine = login_notes(proved_both_ways(), settings_with("s3cretpassw", "ABCDEFGHIJKL"));
    ASSERT_EQ(mine.size(), 1u);
    EXPECT_EQ(mine[0], "the CHAP secret is shorter than 12 bytes: whoever listens may guess it");
    const auto both = login_notes(proved_both_ways(), settings_with("s3c", "S3C"));
    ASSERT_EQ(both.size(), 2u);
    for (const std::string& note : both) {
        EXPECT_EQ(note.find("s3c"), note.npos);
        EXPECT_EQ(note.find("S3C"), note.npos);
    }
}

TEST(LoginNotes, say_nothing_of_secrets_that_no_one_asked_for) {
    EXPECT_TRUE(login_notes({}, settings_with("short", "also short")).empty());
    LoginSettings discovery = settings_with("short", "also short");
    discovery.session_type = SessionType::discovery;
    EXPECT_TRUE(login_notes(proved_both_ways(), discovery).empty()) << "it is said once";
}

TEST(LoginNotes, tell_what_the_target_answered_and_could_not_mean) {
    LoginResult result;
    result.parameters.first_burst_cut = true;
    result.parameters.first_burst = 4096;
    result.unanswered_key.assign("X-com.example.fast");
    const auto notes = login_notes(result, {});
    ASSERT_EQ(notes.size(), 2u);
    EXPECT_EQ(notes[0],
              "the target answered a FirstBurstLength above its MaxBurstLength; 4096 bytes hold "
              "for both");
    EXPECT_EQ(notes[1],
              "the target offered X-com.example.fast in its last response, where nothing can be "
              "answered");
}

TEST(LoginNotes, tell_what_was_let_pass_since_nothing_is_at_stake) {
    LoginResult result;
    result.parameters.times_beyond_offer = true;
    result.parameters.repeated_key = "ImmediateData";
    result.unterminated = true;
    EXPECT_EQ(login_notes(result, {}),
              (std::vector<std::string>{
                  "the target answered a DefaultTime2Wait or DefaultTime2Retain that was not on "
                  "offer, which does no harm",
                  "the target said ImmediateData twice, and the same each time",
                  "the target leaves out the zero byte behind the last key"}));
    LoginSettings discovery;
    discovery.session_type = SessionType::discovery;
    EXPECT_TRUE(login_notes(result, discovery).empty()) << "it is said once";
}

TEST(LoginNotes, tell_of_a_target_that_cannot_count) {
    LoginResult result;
    result.miscounted = true;
    EXPECT_EQ(login_notes(result, {}),
              std::vector<std::string>{"the target counts its responses wrongly (StatSN)"});
}

}  // namespace
}  // namespace bootwire::session
