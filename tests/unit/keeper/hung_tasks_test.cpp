// The kernel's watch over hung tasks, told apart from tasks that wait for a disk that is away.
#include "keeper/hung_tasks.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "session_fixture.h"

namespace bootwire::keeper {
namespace {

using namespace std::chrono_literals;
using Seconds = HungTaskTimeout::Seconds;

constexpr Seconds away = HungTaskTimeout::away;
constexpr Seconds nothing_to_write{};
constexpr Moment start = 100s;

TEST(HungTaskTimeout, is_a_year_while_the_disk_is_away_and_the_old_one_when_that_has_passed_again) {
    HungTaskTimeout timeout;
    EXPECT_EQ(timeout.on_lost(60), away);
    EXPECT_FALSE(timeout.next_deadline());
    timeout.on_back(start);
    EXPECT_EQ(timeout.next_deadline(), start + 60s);
    EXPECT_EQ(timeout.on_timer(away, start + 60s - 1ms), nothing_to_write);
    EXPECT_EQ(timeout.on_timer(away, start + 60s), Seconds(60));
    EXPECT_FALSE(timeout.next_deadline());
    EXPECT_EQ(timeout.on_timer(away, start + 10min), nothing_to_write) << "once";
}

TEST(HungTaskTimeout, is_not_restored_between_two_losses_and_is_what_it_was_before_the_first) {
    HungTaskTimeout timeout;
    timeout.on_lost(60);
    timeout.on_back(start);
    EXPECT_EQ(timeout.on_lost(away), nothing_to_write);
    EXPECT_FALSE(timeout.next_deadline());
    EXPECT_EQ(timeout.on_timer(away, start + 60s), nothing_to_write) << "the disk is away";
    timeout.on_back(start + 90s);
    EXPECT_EQ(timeout.on_timer(away, start + 150s), Seconds(60));
}

TEST(HungTaskTimeout, is_left_as_the_system_has_set_it_meanwhile) {
    for (const Seconds set : {Seconds(30), Seconds(0), Seconds()}) {
        HungTaskTimeout timeout;
        timeout.on_lost(60);
        timeout.on_back(start);
        EXPECT_EQ(timeout.on_timer(set, start + 60s), nothing_to_write);
        EXPECT_FALSE(timeout.next_deadline());
    }
    HungTaskTimeout timeout;
    timeout.on_lost(60);
    timeout.on_back(start);
    EXPECT_EQ(timeout.on_lost(30), away) << "and that is what comes back from then on";
    timeout.on_back(start);
    EXPECT_EQ(timeout.on_timer(away, start + 30s), Seconds(30));
}

TEST(HungTaskTimeout, is_left_alone_where_nothing_is_watched_or_for_longer_than_a_year) {
    for (const Seconds found : {Seconds(), Seconds(0), Seconds(*away + 1), Seconds(UINT64_MAX)}) {
        HungTaskTimeout timeout;
        EXPECT_EQ(timeout.on_lost(found), nothing_to_write);
        timeout.on_back(start);
        EXPECT_FALSE(timeout.next_deadline());
    }
    HungTaskTimeout timeout;
    EXPECT_EQ(timeout.on_lost(1), away);
    EXPECT_EQ(timeout.on_lost(0), nothing_to_write);
    timeout.on_back(start);
    EXPECT_FALSE(timeout.next_deadline()) << "it was switched off meanwhile";
    EXPECT_EQ(timeout.on_lost(*away - 1), away);
}

TEST(HungTaskTimeout, that_another_keeper_has_left_behind_becomes_the_kernels_own_again) {
    HungTaskTimeout timeout;
    timeout.on_start(away, start);
    EXPECT_EQ(timeout.next_deadline(), start + 120s);
    EXPECT_EQ(timeout.on_timer(away, start + 120s), Seconds(120));
    HungTaskTimeout usual;
    usual.on_start(60, start);
    EXPECT_FALSE(usual.next_deadline());
    EXPECT_EQ(usual.on_lost(away), nothing_to_write);
    usual.on_back(start);
    EXPECT_EQ(usual.on_timer(away, start + 120s), Seconds(120));
}

TEST(HungTasks, are_none_while_the_session_is_lost) {
    EventLoop loop;
    const MemoryFile file("1\n");
    HungTasks hung_tasks(loop, file.descriptor());
    hung_tasks.on_session({Kind::unbound});
    EXPECT_EQ(file.text(), "1\n");
    hung_tasks.on_session({Kind::lost});
    EXPECT_EQ(file.text(), "31536000\n");
    loop.run_once(now() + 1100ms);
    EXPECT_EQ(file.text(), "31536000\n");
    const Moment back = now();
    hung_tasks.on_session({Kind::back});
    while (file.text().starts_with("31536000") && now() < back + 20s)
        loop.run_once(now() + 20s);
    EXPECT_TRUE(file.text().starts_with("1\n"));
    EXPECT_GE(now(), back + 1s);
}

TEST(HungTasks, are_not_looked_for_by_every_kernel) {
    EventLoop loop;
    HungTasks hung_tasks(loop, Fd());
    hung_tasks.on_session({Kind::lost});
    hung_tasks.on_session({Kind::back});
    loop.run_once(now());
}

TEST(HungTasks, are_looked_for_again_where_another_keeper_had_not_come_to_that) {
    EventLoop loop;
    const MemoryFile file("31536000\n");
    const HungTasks hung_tasks(loop, file.descriptor());
    loop.run_once(now());
    EXPECT_EQ(file.text(), "31536000\n") << "two minutes later";
}

}  // namespace
}  // namespace bootwire::keeper
