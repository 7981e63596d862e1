#include "init/progress.h"

#include <gtest/gtest.h>

#include "topics/topic.h"

namespace bootwire::init {
namespace {

using namespace std::chrono_literals;
using screen::Notice;
using screen::Step;

board::Board pi() {
    board::Board board;
    board.model = "Raspberry Pi 4 Model B";
    board.serial = "10000000abcdef01";
    return board;
}

std::string states(const Progress& progress) {
    std::string states;
    for (const Step& step : progress.view().steps)
        states += ".>+x"[static_cast<int>(step.state)];
    return states;
}

const Error refused{"the login is refused", "check the secret", Remedy::operator_must_act,
                    Topic::login_refused};
const Error no_link{"eth0: no link", "check the cable", Remedy::waiting_helps, Topic::no_link};

TEST(Progress, goes_from_stage_to_stage) {
    Progress progress(pi());
    EXPECT_EQ(states(progress), "....");
    progress.enter("init");
    EXPECT_EQ(states(progress), "....") << "not a step that a person waits for";
    progress.enter("network");
    progress.detail("eth0");
    EXPECT_EQ(states(progress), ">...");
    progress.enter("session");
    EXPECT_EQ(states(progress), "+>..");
    EXPECT_EQ(progress.view().steps[0].detail, "eth0");
    progress.enter("disk");
    progress.enter("handoff");
    progress.end();
    EXPECT_EQ(states(progress), "++++");
}

TEST(Progress, names_the_last_step_as_the_mode_has_it) {
    Progress progress(pi());
    progress.enter("disk");
    progress.enter("kexec");
    EXPECT_EQ(states(progress), "..+>");
    EXPECT_EQ(progress.view().steps.back().name, "Kernel");
    progress.enter("handoff");
    EXPECT_EQ(progress.view().steps.back().name, "System") << "the fallback";
    progress.enter("disk");
    progress.enter("usb");
    EXPECT_EQ(progress.view().steps.back().name, "USB port");
}

TEST(Progress, names_a_failure_until_the_boot_gets_further) {
    Progress progress(pi());
    progress.enter("network");
    progress.enter("session");
    progress.failed(refused, 1, 5s);
    EXPECT_EQ(states(progress), "+x..");
    ASSERT_TRUE(progress.view().notice);
    EXPECT_EQ(progress.view().notice->title, title(Topic::login_refused));
    EXPECT_EQ(progress.view().notice->text, refused.what);
    EXPECT_EQ(progress.view().notice->attempt, 1);

    progress.enter("network");
    EXPECT_EQ(states(progress), ">...") << "all begins again";
    EXPECT_TRUE(progress.view().notice);
    progress.enter("session");
    EXPECT_TRUE(progress.view().notice) << "not yet further than before";
    progress.enter("disk");
    EXPECT_FALSE(progress.view().notice);
}

TEST(Progress, says_since_when_it_waits) {
    Progress progress(pi());
    progress.enter("network");
    const Moment began = progress.view().steps[0].began;
    progress.waiting(no_link);
    ASSERT_TRUE(progress.view().notice);
    EXPECT_EQ(progress.view().notice->kind, Notice::Kind::wait);
    EXPECT_EQ(progress.view().notice->since, began);
    progress.waiting(no_link);
    EXPECT_EQ(progress.view().notice->since, began) << "the same still";
    progress.enter("session");
    EXPECT_FALSE(progress.view().notice) << "it is over";
}

TEST(Progress, shows_what_is_done_beside_the_steps_until_the_next_one_begins) {
    Progress progress(pi());
    progress.working("EEPROM update", "the Pi boots from SD card", "leave the power on");
    EXPECT_EQ(states(progress), "....");
    ASSERT_TRUE(progress.view().notice);
    EXPECT_EQ(progress.view().notice->kind, Notice::Kind::work);
    EXPECT_EQ(progress.view().notice->title, "EEPROM update");
    EXPECT_EQ(progress.view().notice->hint, "leave the power on");
    progress.enter("network");
    EXPECT_FALSE(progress.view().notice);
}

TEST(Progress, of_an_unknown_board_says_so) {
    EXPECT_EQ(Progress(board::Board{}).view().board, "unknown board");
}

}  // namespace
}  // namespace bootwire::init
