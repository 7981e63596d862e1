#include "session/farewell.h"

#include <gtest/gtest.h>

namespace bootwire::session {
namespace {

using namespace std::chrono_literals;
using board::Verb;
using Kind = FarewellAction::Kind;
using Stage = Farewell::Stage;
using Kinds = std::vector<Kind>;

class FarewellTest : public testing::Test {
  protected:
    /// What is to be done, in order; what is to be said is kept in `said`.
    Kinds done(const FarewellActions& actions) {
        Kinds kinds;
        for (const FarewellAction& action : actions) {
            if (action.kind == Kind::say || action.kind == Kind::complain ||
                action.kind == Kind::answer) {
                said += action.text + "\n";
            }
            if (action.kind == Kind::answer) logged_out = action.logged_out;
            if (action.kind != Kind::say && action.kind != Kind::complain) {
                kinds.push_back(action.kind);
            }
        }
        return kinds;
    }
    Kinds time_is_up() { return done(farewell.on_timer(farewell.next_deadline().value())); }

    const Kinds nothing;
    const Kinds gone{Kind::drop, Kind::take_link_down, Kind::answer};
    Farewell farewell{"sda", 90s};
    std::string said;
    std::optional<bool> logged_out;  ///< as it is answered
};

TEST_F(FarewellTest, removes_the_disk_then_logs_out_then_takes_the_link_down) {
    EXPECT_EQ(done(farewell.on_ending(Verb::reboot, 10s)), nothing);
    EXPECT_EQ(done(farewell.on_log_out_wanted(Verb::reboot, 20s)), Kinds{Kind::unbind});
    EXPECT_EQ(done(farewell.on_unbound(21s)), Kinds{Kind::log_out});
    EXPECT_EQ(done(farewell.on_logged_out({}, 22s)),
              (Kinds{Kind::drop, Kind::give_back, Kind::take_link_down, Kind::answer}));
    EXPECT_NE(said.find("logged out\n"), said.npos);
    EXPECT_EQ(logged_out, true);
    EXPECT_FALSE(farewell.next_deadline());
    EXPECT_EQ(farewell.stage(), Stage::over);
}

TEST_F(FarewellTest, logs_out_without_having_been_told_that_the_system_ends) {
    EXPECT_EQ(done(farewell.on_log_out_wanted(Verb::kexec, 20s)), Kinds{Kind::unbind});
    EXPECT_EQ(farewell.verb(), Verb::kexec);
}

TEST_F(FarewellTest, sets_no_limit_while_the_target_is_there) {
    farewell.on_ending(Verb::reboot, 10s);
    EXPECT_FALSE(farewell.next_deadline());
}

TEST_F(FarewellTest, logs_out_even_if_nothing_tells_that_the_disk_is_gone) {
    farewell.on_log_out_wanted(Verb::reboot, 20s);
    EXPECT_EQ(time_is_up(), Kinds{Kind::log_out});
}

TEST_F(FarewellTest, sets_none_while_the_system_runs) {
    EXPECT_EQ(done(farewell.on_connection(false, 10s)), nothing);
    EXPECT_FALSE(farewell.next_deadline());
    EXPECT_TRUE(said.empty());
}

TEST_F(FarewellTest, counts_its_patience_from_the_end_if_the_target_was_away_before) {
    farewell.on_connection(false, 10s);
    farewell.on_ending(Verb::reboot, 3600s);
    EXPECT_EQ(farewell.next_deadline(), 3690s);
}

TEST_F(FarewellTest, counts_it_from_the_loss_if_that_comes_later) {
    farewell.on_ending(Verb::reboot, 10s);
    farewell.on_connection(false, 60s);
    EXPECT_EQ(farewell.next_deadline(), 150s);
}

TEST_F(FarewellTest, takes_a_target_back_that_returns_and_works) {
    farewell.on_connection(false, 10s);
    farewell.on_ending(Verb::reboot, 20s);
    farewell.on_work({.completed = 5, .waits = true});
    EXPECT_EQ(done(farewell.on_connection(true, 100s)), nothing);
    farewell.on_work({.completed = 6, .waits = true});
    EXPECT_EQ(time_is_up(), nothing);
    EXPECT_FALSE(farewell.next_deadline());
    EXPECT_EQ(done(farewell.on_log_out_wanted(Verb::reboot, 120s)), Kinds{Kind::unbind});
}

TEST_F(FarewellTest, does_not_ask_for_work_where_none_waits) {
    farewell.on_ending(Verb::reboot, 5s);
    farewell.on_connection(false, 10s);
    farewell.on_work({.completed = 5, .waits = false});
    farewell.on_connection(true, 20s);
    EXPECT_EQ(time_is_up(), nothing);
    EXPECT_FALSE(farewell.next_deadline());
}

TEST_F(FarewellTest, gives_a_target_up_that_comes_back_again_and_again_and_does_nothing) {
    farewell.on_ending(Verb::reboot, 5s);
    farewell.on_work({.completed = 5, .waits = true});
    for (Moment at = 10s; at < 90s; at += 20s) {
        EXPECT_EQ(done(farewell.on_connection(false, at)), nothing);
        EXPECT_EQ(done(farewell.on_connection(true, at + 1s)), nothing);
        EXPECT_EQ(farewell.next_deadline(), 100s);
    }
    EXPECT_EQ(time_is_up(), Kinds{Kind::abandon});
    EXPECT_NE(said.find("giving up on sda: it has done nothing for 90 s"), said.npos) << said;
}

TEST_F(FarewellTest, counts_anew_from_a_loss_before_which_the_disk_has_worked) {
    farewell.on_ending(Verb::reboot, 5s);
    farewell.on_connection(false, 10s);
    farewell.on_connection(true, 20s);
    farewell.on_work({.completed = 1, .waits = true});
    farewell.on_connection(false, 60s);
    EXPECT_EQ(farewell.next_deadline(), 150s);
}

TEST_F(FarewellTest, forgets_an_end_that_was_cancelled) {
    farewell.on_ending(Verb::reboot, 5s);
    farewell.on_connection(false, 10s);
    EXPECT_EQ(done(farewell.on_cancelled()), nothing);
    EXPECT_NE(said.find("does not end after all"), said.npos);
    EXPECT_FALSE(farewell.next_deadline());
    farewell.on_connection(true, 20s);
    farewell.on_connection(false, 30s);
    EXPECT_FALSE(farewell.next_deadline()) << "no outage of a running system has a limit";
    farewell.on_ending(Verb::poweroff, 40s);
    EXPECT_EQ(farewell.next_deadline(), 130s);
}

TEST_F(FarewellTest, forgets_neither_a_wish_of_a_persons_nor_an_end_that_is_under_way) {
    farewell.on_connection(false, 10s);
    farewell.on_end_anyway(Verb::reboot, 20s);
    farewell.on_cancelled();
    EXPECT_EQ(farewell.stage(), Stage::ending);
    farewell.on_log_out_wanted(Verb::reboot, 30s);
    farewell.on_cancelled();
    EXPECT_EQ(farewell.stage(), Stage::unmounted);
}

TEST_F(FarewellTest, has_an_end_of_its_patience_with_a_disk_that_cannot_be_removed) {
    farewell.on_log_out_wanted(Verb::reboot, 0s);
    Moment at = 10s;
    while (farewell.next_deadline() > at && at < 3600s) {
        farewell.on_connection(false, at);
        farewell.on_connection(true, at + 5s);
        at += 10s;
    }
    EXPECT_LT(at, 720s);
    EXPECT_EQ(time_is_up(), Kinds{Kind::log_out});
}

TEST_F(FarewellTest, says_what_it_gives_up_and_ends_the_machine_if_nobody_else_does) {
    farewell.on_connection(false, 10s);
    farewell.on_ending(Verb::poweroff, 20s);
    EXPECT_EQ(done(farewell.on_timer(109s)), nothing);
    EXPECT_EQ(time_is_up(), Kinds{Kind::abandon});
    EXPECT_NE(said.find("giving up on sda: it has been away for 100 s"), said.npos) << said;
    EXPECT_EQ(time_is_up(), Kinds{Kind::end_machine});
    EXPECT_EQ(farewell.verb(), Verb::poweroff);
}

TEST_F(FarewellTest, lets_the_system_end_by_itself_after_giving_up) {
    farewell.on_connection(false, 10s);
    farewell.on_ending(Verb::reboot, 20s);
    time_is_up();
    EXPECT_EQ(done(farewell.on_log_out_wanted(Verb::reboot, 130s)),
              (Kinds{Kind::take_link_down, Kind::answer}));
    EXPECT_NE(said.find("given up\n"), said.npos);
    EXPECT_FALSE(farewell.next_deadline());
}

TEST_F(FarewellTest, gives_the_disk_up_for_a_person_whose_system_cannot_end) {
    farewell.on_connection(false, 10s);
    EXPECT_EQ(done(farewell.on_end_anyway(Verb::reboot, 600s)), nothing);
    EXPECT_EQ(farewell.next_deadline(), 690s);
    EXPECT_EQ(time_is_up(), Kinds{Kind::abandon});
    EXPECT_EQ(time_is_up(), Kinds{Kind::end_machine});
}

TEST_F(FarewellTest, lets_a_system_go_on_whose_disk_comes_back_in_time) {
    farewell.on_connection(false, 10s);
    farewell.on_end_anyway(Verb::reboot, 600s);
    done(farewell.on_connection(true, 610s));
    EXPECT_NE(said.find("the system goes on"), said.npos) << said;
    EXPECT_EQ(farewell.stage(), Stage::none);
    farewell.on_connection(false, 700s);
    EXPECT_FALSE(farewell.next_deadline()) << "the next outage has no limit";
}

TEST_F(FarewellTest, ends_a_system_that_has_begun_to_end_after_all) {
    farewell.on_connection(false, 10s);
    farewell.on_end_anyway(Verb::reboot, 600s);
    farewell.on_ending(Verb::poweroff, 605s);
    farewell.on_connection(true, 610s);
    EXPECT_EQ(farewell.stage(), Stage::ending);
    EXPECT_EQ(farewell.verb(), Verb::poweroff);
}

TEST_F(FarewellTest, does_not_give_up_a_disk_that_is_there) {
    EXPECT_EQ(done(farewell.on_end_anyway(Verb::reboot, 600s)), nothing);
    EXPECT_EQ(farewell.stage(), Stage::none);
}

TEST_F(FarewellTest, waits_with_the_logout_for_a_target_that_is_away) {
    farewell.on_connection(false, 10s);
    EXPECT_EQ(done(farewell.on_log_out_wanted(Verb::reboot, 20s)), nothing);
    EXPECT_EQ(done(farewell.on_connection(true, 30s)), Kinds{Kind::unbind});
}

TEST_F(FarewellTest, goes_without_a_logout_when_the_patience_is_over) {
    farewell.on_connection(false, 10s);
    farewell.on_log_out_wanted(Verb::reboot, 20s);
    EXPECT_EQ(time_is_up(), gone);
    EXPECT_NE(said.find("not logged out"), said.npos);
}

TEST_F(FarewellTest, gives_the_disk_up_if_the_target_goes_while_it_is_removed) {
    farewell.on_log_out_wanted(Verb::reboot, 20s);
    farewell.on_connection(false, 21s);
    EXPECT_EQ(time_is_up(), (Kinds{Kind::abandon, Kind::take_link_down, Kind::answer}));
    EXPECT_FALSE(farewell.next_deadline());
}

TEST_F(FarewellTest, takes_a_connection_that_breaks_for_a_logout) {
    farewell.on_log_out_wanted(Verb::reboot, 20s);
    farewell.on_unbound(21s);
    EXPECT_EQ(done(farewell.on_connection(false, 22s)), gone);
    EXPECT_EQ(done(farewell.on_logged_out({}, 23s)), nothing);
}

TEST_F(FarewellTest, waits_some_seconds_for_the_answer_to_a_logout) {
    farewell.on_log_out_wanted(Verb::reboot, 20s);
    farewell.on_unbound(21s);
    EXPECT_EQ(time_is_up(), gone);
    EXPECT_NE(said.find("does not answer the logout"), said.npos);
    EXPECT_EQ(logged_out, false);
}

TEST_F(FarewellTest, answers_one_who_comes_too_late) {
    farewell.on_log_out_wanted(Verb::reboot, 20s);
    farewell.on_unbound(21s);
    farewell.on_logged_out({}, 22s);
    EXPECT_EQ(done(farewell.on_log_out_wanted(Verb::reboot, 30s)), Kinds{Kind::answer});
}

}  // namespace
}  // namespace bootwire::session
