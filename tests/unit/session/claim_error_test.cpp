#include "session/claim_error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace bootwire::session {
namespace {

using namespace iscsi;

Error error_of(ClaimProblem problem) {
    ClaimFailure failure;
    failure.problem = problem;
    failure.sense = {5, 0x20, 0};
    failure.key = 0x10000000a0770001;
    return describe(failure);
}

Error error_of(TaskProblem problem) {
    TaskFailure failure;
    failure.problem = problem;
    failure.reject_reason = 4;
    failure.opcode = Opcode::text_response;
    return describe(failure);
}

TEST(ClaimError, names_who_holds_the_disk) {
    ClaimFailure failure;
    failure.problem = ClaimProblem::in_use;
    failure.key = 0x10000000a0770001;
    failure.holder.assign("iqn.2026-11.test.lab:other");
    const Error error = describe(failure);
    EXPECT_EQ(error.what,
              "the disk is in use: it is reserved by iqn.2026-11.test.lab:other, key "
              "10000000a0770001 (a Pi's key is its serial number)");
    EXPECT_EQ(error.remedy, Remedy::waiting_helps);
}

TEST(ClaimError, names_the_key_where_the_target_tells_no_names) {
    EXPECT_NE(error_of(ClaimProblem::in_use).what.find("reserved by key 10000000a0770001"),
              std::string::npos);
}

TEST(ClaimError, says_what_the_target_cannot_do) {
    const Error unknown = error_of(ClaimProblem::not_supported);
    EXPECT_EQ(unknown.what,
              "the target does not reserve the disk for us: it does not know persistent "
              "reservations (sense 5/20/00)");
    EXPECT_EQ(unknown.remedy, Remedy::operator_must_act);
    EXPECT_EQ(error_of(ClaimProblem::refused).what,
              "the target does not reserve the disk for us (sense 5/20/00)");
    const Error lio = error_of(ClaimProblem::cannot_note);
    EXPECT_NE(lio.hint.find("/etc/rtslib-fb-target/pr on Debian"), std::string::npos) << lio.hint;
    EXPECT_EQ(lio.remedy, Remedy::waiting_helps);
    EXPECT_EQ(error_of(ClaimProblem::endless).remedy, Remedy::waiting_helps);
}

TEST(ClaimError, of_a_portal_that_is_on_standby_says_that_another_may_do) {
    ClaimFailure failure;
    failure.problem = ClaimProblem::no_access;
    failure.sense = {2, 4, 0x0b};
    EXPECT_EQ(describe(failure).what, "the disk takes no commands by this portal (sense 2/04/0b)");
    EXPECT_EQ(describe(failure).remedy, Remedy::waiting_helps);
}

TEST(ClaimError, has_a_sentence_of_its_own_for_each_problem) {
    std::vector<std::string> sentences;
    for (uint8_t i = 0; i <= static_cast<uint8_t>(ClaimProblem::refused); ++i)
        sentences.push_back(error_of(static_cast<ClaimProblem>(i)).what);
    for (uint8_t i = 0; i <= static_cast<uint8_t>(TaskProblem::unexpected_pdu); ++i)
        sentences.push_back(error_of(static_cast<TaskProblem>(i)).what);
    std::ranges::sort(sentences);
    EXPECT_EQ(std::ranges::adjacent_find(sentences), sentences.end());
}

TEST(TaskError, says_what_is_wrong_with_the_connection) {
    EXPECT_EQ(error_of(TaskProblem::frame_too_long).what,
              "asking the target about the disk: it sent more than was asked for");
    EXPECT_EQ(error_of(TaskProblem::digest_wrong).what,
              "asking the target about the disk: a digest is wrong");
    EXPECT_EQ(error_of(TaskProblem::rejected).what,
              "asking the target about the disk: it rejected the command: protocol error");
    EXPECT_EQ(error_of(TaskProblem::unexpected_pdu).what,
              "asking the target about the disk: it sent a PDU of type 36");
    EXPECT_EQ(error_of(TaskProblem::connection_closed).remedy, Remedy::waiting_helps);
}

}  // namespace
}  // namespace bootwire::session
