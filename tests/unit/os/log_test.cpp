#include "os/log.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace bootwire {
namespace {

TEST(Log, hands_each_line_with_its_parts_to_a_second_receiver) {
    std::vector<std::string> lines;
    log::start("probe", [](const log::Line&) {});
    log::copy_to([&](const log::Line& line) {
        lines.push_back(std::string(line.program) + "|" + std::string(line.text));
        EXPECT_EQ(line.severity, log::Severity::warning);
        EXPECT_EQ(line.subject, log::Subject::dhcp);
        log::info("what the receiver says does not come back to it");
    });
    log::warning_about(log::Subject::dhcp, "odd");
    log::copy_to({});
    log::warning("nobody hears this");
    log::start("bootwire", nullptr);
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_TRUE(lines.front().starts_with("probe|"));
    EXPECT_TRUE(lines.front().ends_with(" ms  warning: odd")) << lines.front();
}

TEST(Log, tells_the_receiver_of_a_line_how_bad_it_is) {
    static std::vector<std::pair<log::Severity, std::string>> lines;
    log::start("probe",
               [](const log::Line& line) { lines.emplace_back(line.severity, line.whole); });
    log::info("told that  warning: is a word");
    log::warning("odd");
    log::failure("wrong");
    log::start("bootwire", nullptr);
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(lines[0].first, log::Severity::info);
    EXPECT_EQ(lines[1].first, log::Severity::warning);
    EXPECT_EQ(lines[2].first, log::Severity::failure);
    EXPECT_TRUE(lines[1].second.starts_with("[probe] ")) << lines[1].second;
}

}  // namespace
}  // namespace bootwire
