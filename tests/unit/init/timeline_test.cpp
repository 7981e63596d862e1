#include "init/timeline.h"

#include <gtest/gtest.h>

namespace bootwire::init {
namespace {

std::string stages(const Timeline& timeline) {
    std::string text;
    for (const Timeline::Entry& entry : timeline.entries())
        text += entry.stage + " ";
    return text;
}

TEST(Timeline, tells_each_stage_once_as_of_the_last_attempt) {
    Timeline timeline;
    for (const char* stage : {"init", "network", "session", "network", "session", "disk"})
        timeline.enter(stage);
    EXPECT_EQ(stages(timeline), "init network session disk ");
    timeline.enter("session");
    EXPECT_EQ(stages(timeline), "init network session ");
}

}  // namespace
}  // namespace bootwire::init
