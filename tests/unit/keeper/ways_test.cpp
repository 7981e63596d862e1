// The ways to the target among themselves: whose turn it is, what each has to wait for, and what a
// session that is back makes good.
#include "keeper/ways.h"

#include <gtest/gtest.h>

namespace bootwire::keeper {
namespace {

using namespace std::chrono_literals;

plan::Portal portal(uint8_t number) {
    return {IpAddress::v4(10, 0, 0, number), 3260};
}

class WaysTest : public testing::Test {
  protected:
    static Ways ways_of(uint8_t count) {
        std::vector<plan::Portal> portals;
        for (uint8_t number = 1; number <= count; ++number)
            portals.push_back(portal(number));
        // No jitter: the upper end of each range, which has 41, 51 or 101 numbers.
        return {std::move(portals), [] { return 41u * 51 * 101 - 1; }};
    }
    /// patience() gives up to a quarter more.
    static Milliseconds patience(Ways& ways) { return ways.patience() * 4 / 5; }

    const Moment now_{100s};
    Ways one_ = ways_of(1);
    Ways two_ = ways_of(2);
};

TEST_F(WaysTest, have_no_more_patience_than_at_first_once_the_session_is_back) {
    EXPECT_EQ(patience(one_), 5s);
    one_.silent("slow", now_);
    EXPECT_EQ(patience(one_), 10s);
    one_.welcomed();
    EXPECT_EQ(patience(one_), 5s);
    two_.silent("slow", now_);
    two_.welcomed();
    EXPECT_EQ(two_.current(), portal(2));
    two_.pass();
    EXPECT_EQ(patience(two_), 5s) << "whichever it was";
}

TEST_F(WaysTest, have_up_to_half_a_minute_of_patience_and_the_least_again_once_nobody_is_there) {
    for (const Milliseconds expected : {5s, 10s, 20s, 30s, 30s}) {
        EXPECT_EQ(patience(one_), expected);
        one_.silent("slow", now_);
    }
    one_.unreachable("nobody", now_);
    EXPECT_EQ(patience(one_), 5s);
    one_.give_more_time();
    EXPECT_EQ(patience(one_), 10s);
    one_.no_answer("broke off", now_);
    EXPECT_EQ(patience(one_), 10s) << "that says nothing of it";
}

TEST_F(WaysTest, that_refuse_are_left_alone_for_longer_until_the_session_is_back) {
    for (const Milliseconds pause : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
        one_.refused("no", now_);
        EXPECT_EQ(one_.next(now_) - now_, pause);
    }
    EXPECT_FALSE(one_.skip_refusals());
    one_.welcomed();
    EXPECT_TRUE(one_.skip_refusals());
    one_.refused("no", now_);
    EXPECT_EQ(one_.next(now_) - now_, 1s);
}

TEST_F(WaysTest, tell_the_same_trouble_once_and_again_after_the_session_was_back) {
    EXPECT_TRUE(one_.refused("no", now_));
    EXPECT_FALSE(one_.refused("no", now_));
    EXPECT_FALSE(one_.silent("no", now_));
    EXPECT_TRUE(one_.silent("slow", now_));
    EXPECT_FALSE(one_.no_answer("slow", now_));
    EXPECT_TRUE(one_.unreachable("nobody", now_));
    EXPECT_FALSE(one_.unreachable("nobody", now_));
    one_.welcomed();
    EXPECT_TRUE(one_.unreachable("nobody", now_));
}

TEST_F(WaysTest, that_have_not_refused_are_asked_before_those_that_have) {
    two_.refused("no", now_);
    EXPECT_EQ(two_.current(), portal(2));
    two_.pass();
    EXPECT_EQ(two_.current(), portal(1));
    EXPECT_TRUE(two_.skip_refusals());
    EXPECT_EQ(two_.current(), portal(2));
    two_.refused("no", now_);
    EXPECT_FALSE(two_.skip_refusals());
}

TEST_F(WaysTest, are_all_asked_before_one_is_asked_again) {
    Ways ways = ways_of(3);
    for (uint8_t number = 1; number <= 3; ++number) {
        EXPECT_LE(ways.next(now_), now_) << "at once";
        EXPECT_EQ(ways.current(), portal(number));
        ways.begin_attempt(now_ + Milliseconds(number));
        ways.unreachable("nobody", now_);
    }
    EXPECT_EQ(ways.next(now_), now_ + 1001ms);
    EXPECT_EQ(ways.current(), portal(1)) << "the first of them";
}

TEST_F(WaysTest, are_learnt_once_and_sixteen_at_most) {
    Ways ways = ways_of(2);
    EXPECT_FALSE(ways.learn(portal(2)));
    for (uint8_t number = 3; number <= 16; ++number)
        EXPECT_TRUE(ways.learn(portal(number))) << int{number};
    EXPECT_FALSE(ways.learn(portal(17)));
    EXPECT_EQ(ways.turns(), 3u) << "those learnt share a turn";
}

TEST_F(WaysTest, that_were_learnt_rest_for_ten_seconds_and_give_the_turn_back) {
    two_.learn(portal(3));
    two_.pass();
    two_.pass();
    ASSERT_TRUE(two_.current_is_learnt());
    two_.unreachable("nobody", now_);
    EXPECT_EQ(two_.current(), portal(1));
    for (const uint8_t number : {1, 2}) {
        two_.begin_attempt(now_ + 10s * number);
        two_.pass();
    }
    EXPECT_EQ(two_.next(now_), now_ + 10s);
    EXPECT_EQ(two_.current(), portal(3));
}

TEST_F(WaysTest, may_be_asked_soon_when_the_network_is_back_but_not_those_that_have_refused) {
    two_.refused("no", now_);
    two_.begin_attempt(now_);
    two_.hasten(now_);
    EXPECT_EQ(two_.next(now_), now_ + 400ms);
    EXPECT_EQ(two_.current(), portal(2));
    two_.hasten(now_ + 100ms);
    EXPECT_EQ(two_.next(now_ + 100ms), now_ + 400ms) << "more news of it put nothing off";
    two_.begin_attempt(now_ + 2s);
    EXPECT_EQ(two_.next(now_), now_ + 1s) << "as long as it was";
    EXPECT_EQ(two_.current(), portal(1));
}

TEST_F(WaysTest, share_one_turn_among_those_that_were_learnt) {
    EXPECT_EQ(two_.turns(), 2u);
    two_.learn(portal(3));
    EXPECT_EQ(two_.turns(), 3u);
    two_.learn(portal(4));
    EXPECT_EQ(two_.turns(), 3u);
}

TEST_F(WaysTest, wait_for_three_fifths_of_their_time_at_least_and_three_quarters_of_patience) {
    Ways ways({portal(1)}, [] { return 0u; });
    EXPECT_EQ(ways.patience(), 3750ms);
    ways.begin_attempt(now_);
    EXPECT_EQ(ways.next(now_), now_ + 600ms);
    ways.refused("no", now_);
    EXPECT_EQ(ways.next(now_), now_ + 600ms);
    ways.welcomed();
    ways.hasten(now_);
    EXPECT_EQ(ways.next(now_), now_);
    EXPECT_EQ(one_.patience(), 6250ms) << "and five quarters at most";
}

TEST_F(WaysTest, may_be_asked_from_their_moment_on_and_the_first_of_several_first) {
    two_.begin_attempt(now_);
    EXPECT_EQ(two_.next(now_ + 1s), now_ + 1s);
    EXPECT_EQ(two_.current(), portal(1)) << "though the other one could have been asked for long";
    Ways ways = ways_of(3);
    for (int i = 0; i < 3; ++i) {
        ways.begin_attempt(now_);
        ways.pass();
    }
    EXPECT_EQ(ways.next(now_), now_ + 1s);
    EXPECT_EQ(ways.current(), portal(1));
    ways.hasten(now_ + 1s);
    EXPECT_EQ(ways.next(now_ + 1s), now_ + 1400ms) << "nor at the moment of all others";
}

TEST_F(WaysTest, that_are_moved_to_are_sixteen_with_the_others_and_one_without_a_name_goes) {
    Ways full = ways_of(16);
    full.moved_to(portal(99));
    EXPECT_EQ(full.current(), portal(1)) << "all are the operator's";
    full.moved_to(portal(16));
    EXPECT_EQ(full.current(), portal(16)) << "one that is known";

    Ways ways = ways_of(15);
    ways.moved_to(portal(99));
    EXPECT_EQ(ways.current(), portal(99));
    EXPECT_EQ(ways.turns(), 16u);
    ways.moved_to(portal(98));
    EXPECT_EQ(ways.current(), portal(98));
    EXPECT_EQ(ways.turns(), 16u) << "in place of the first one";
    ways.pass();
    EXPECT_EQ(ways.current(), portal(1));
    ways.moved_to(portal(97));
    EXPECT_EQ(ways.current(), portal(97));
    ways.pass();
    EXPECT_EQ(ways.current(), portal(1)) << "who had the turn stays behind it";
}

}  // namespace
}  // namespace bootwire::keeper
