#include "keeper/overlay_watch.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "os/clock.h"
#include "os/log.h"

namespace bootwire::keeper {
namespace {

using namespace std::chrono_literals;

/// As the kernel shows it, and different at each look.
class OverlayWatchTest : public testing::Test {
  protected:
    void SetUp() override {
        log::copy_to([this](const log::Line& line) { said_.emplace_back(line.text); });
    }
    void TearDown() override { log::copy_to({}); }

    void take(uint64_t percent) {
        const std::string text = "0 0 " + std::to_string(percent * 10'000) + " 0 0 0 0 0\n";
        ASSERT_EQ(ftruncate(use_.get(), 0), 0);
        ASSERT_EQ(pwrite(use_.get(), text.data(), text.size(), 0),
                  static_cast<ssize_t>(text.size()));
    }
    void begin() {
        watch_.emplace(loop_, use_, overlay::Sizes{.limit = 1'000'000, .changes = {}},
                       [this] { ++stops_; });
    }
    void await(const std::string& words) {
        const auto heard = [&] { return !said_.empty() && said_.back().contains(words); };
        for (const Moment late = now() + 20s; !heard() && now() < late;)
            loop_.run_once(late);
        EXPECT_TRUE(heard()) << words;
    }

    EventLoop loop_;
    Fd use_{memfd_create("mm_stat", MFD_CLOEXEC)};
    std::vector<std::string> said_;
    int stops_ = 0;
    std::optional<OverlayWatch> watch_;
};

TEST_F(OverlayWatchTest, warns_before_it_is_full_and_stops_all_writing_when_it_is) {
    take(79);
    begin();
    EXPECT_TRUE(said_.empty());
    take(80);
    await("full to 80 % (800 kB of 1.0 MB): at 100 % all file systems become read-only");
    EXPECT_EQ(stops_, 0);
    take(101);
    await(
        "full to 101 % (1.0 MB of 1.0 MB): all file systems become read-only now; restart the Pi");
    EXPECT_EQ(stops_, 1);
    EXPECT_EQ(said_.size(), 2u);
}

TEST_F(OverlayWatchTest, says_that_it_cannot_watch_what_it_cannot_read) {
    begin();
    ASSERT_EQ(said_.size(), 1u);
    EXPECT_TRUE(said_.front().contains("not watched over")) << said_.front();
}

}  // namespace
}  // namespace bootwire::keeper
