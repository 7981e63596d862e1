// Whether a disk takes commands by the way that a connection has.
#include <gtest/gtest.h>

#include "iscsi_initiator/claim.h"
#include "reserving_target.h"

namespace bootwire::iscsi {
namespace {

class TryOut : public testing::Test {
  protected:
    ClaimState use() {
        Claim claim(0, Intent::use);
        target.run(claim, 1);
        failure = claim.failure();
        return claim.state();
    }

    ReservingTarget target;
    ClaimFailure failure;
};

TEST_F(TryOut, asks_the_disk_once_more_after_each_announcement_and_changes_nothing) {
    target.unit_attentions = 2;
    EXPECT_EQ(use(), ClaimState::done);
    EXPECT_TRUE(target.registrations.empty());
    EXPECT_TRUE(target.actions.empty());
}

TEST_F(TryOut, fails_where_another_way_may_do) {
    for (const Sense& sense : {Sense{2, 4, 0x0a}, {2, 4, 0x0b}, {2, 4, 0x0c}, {5, 0x25, 0}}) {
        target.refusal = sense;
        EXPECT_EQ(use(), ClaimState::failed);
        EXPECT_EQ(failure.problem, ClaimProblem::no_access);
        EXPECT_EQ(failure.sense.qualifier, sense.qualifier);
    }
}

TEST_F(TryOut, leaves_all_else_that_may_be_wrong_to_the_kernel) {
    for (const Sense& sense : {Sense{2, 4, 0x09},
                               {2, 4, 0x0d},
                               {2, 4, 1},
                               {2, 5, 0x0b},
                               {5, 0x20, 0},
                               {3, 0x25, 0},
                               {11, 4, 0x0b}}) {
        target.refusal = sense;
        EXPECT_EQ(use(), ClaimState::done) << int{sense.key} << int{sense.qualifier};
    }
    for (const ScsiStatus status :
         {ScsiStatus::busy, ScsiStatus::task_set_full, ScsiStatus::reservation_conflict}) {
        Claim claim(0, Intent::use);
        EXPECT_EQ(claim.on_outcome(status, {}, {}), ClaimState::done);
    }
}

}  // namespace
}  // namespace bootwire::iscsi
