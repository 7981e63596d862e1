// Members of the lab's crowd, which bring their sessions back as the keeper does.
#include "crowd_member.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fake_target.h"
#include "os/clock.h"

namespace bootwire::peer {
namespace {

using namespace std::chrono_literals;

constexpr unsigned size = 5;

class Crowd : public testing::Test {
  protected:
    void SetUp() override {
        const auto name_servers = std::make_shared<const net::NameServers>();
        for (unsigned number = 0; number < size; ++number) {
            members_.push_back(std::make_unique<CrowdMember>(loop_, tally_, target_->endpoint(),
                                                             "iqn.2026-11.test.lab:disk",
                                                             name_servers, number));
            members_.back()->begin();
        }
        run_until_connected();
    }

    template <class Happened>
    void run_until(Happened happened) {
        const Moment late = now() + 20s;
        while (!happened() && now() < late)
            loop_.run_once(late);
        EXPECT_TRUE(happened());
    }
    void run_until_connected() {
        run_until([&] { return tally_.connected == size; });
        EXPECT_EQ(tally_.logging_in, 0u);
    }
    uint64_t attempts() const {
        uint64_t all = 0;
        for (const auto& member : members_)
            all += member->attempts();
        return all;
    }

    EventLoop loop_;
    Tally tally_;
    std::vector<std::string> heard_;
    std::optional<keeper::FakeTarget> target_{
        std::in_place, loop_, [this](const std::string& line) { heard_.push_back(line); }};
    std::vector<std::unique_ptr<CrowdMember>> members_;
};

TEST_F(Crowd, has_a_session_for_each_of_its_members) {
    EXPECT_EQ(attempts(), size);
    EXPECT_EQ(tally_.logins, size);
    EXPECT_EQ(tally_.returns, size);
    EXPECT_GE(tally_.most_logging_in, 1u);
    EXPECT_EQ(heard_, std::vector<std::string>(size, "target: login, CmdSN 1"));
}

TEST_F(Crowd, brings_back_every_session_that_is_lost) {
    target_->hang_up();
    run_until([&] { return tally_.connected == 0; });
    run_until_connected();
    EXPECT_EQ(tally_.returns, 2 * size);
    EXPECT_EQ(tally_.logins, 2 * size);
}

TEST_F(Crowd, goes_on_looking_for_a_target_that_is_away) {
    target_->go_away();
    run_until([&] { return attempts() >= uint64_t{3} * size; });
    EXPECT_EQ(tally_.connected, 0u);
    EXPECT_EQ(tally_.logins, size) << "nobody has answered";
    target_->come_back();
    run_until_connected();
    EXPECT_EQ(tally_.returns, 2 * size);
}

TEST_F(Crowd, counts_nobody_who_has_left) {
    members_.clear();
    EXPECT_EQ(tally_.connected, 0u);
}

}  // namespace
}  // namespace bootwire::peer
