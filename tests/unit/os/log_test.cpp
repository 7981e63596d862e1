#include "os/log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bootwire {
namespace {

TEST(Log, hands_each_line_with_its_parts_to_a_second_receiver) {
    std::vector<std::string> lines;
    log::start("probe", [](std::string_view) {});
    log::copy_to([&](const log::Line& line) {
        lines.push_back(std::string(line.program) + "|" + std::string(line.text));
        EXPECT_EQ(line.severity, log::Severity::warning);
        log::info("what the receiver says does not come back to it");
    });
    log::warning("odd");
    log::copy_to({});
    log::warning("nobody hears this");
    log::start("bootwire", nullptr);
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_TRUE(lines.front().starts_with("probe|"));
    EXPECT_TRUE(lines.front().ends_with(" ms  warning: odd")) << lines.front();
}

}  // namespace
}  // namespace bootwire
