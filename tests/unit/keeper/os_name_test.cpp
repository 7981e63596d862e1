// The system's name, changed in a namespace of this test's own.
#include "keeper/os_name.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "os/clock.h"

namespace bootwire::keeper {
namespace {

using namespace std::chrono_literals;

class OsNameTest : public testing::Test {
  protected:
    void SetUp() override {
        if (unshare(CLONE_NEWUSER | CLONE_NEWUTS) != 0 && unshare(CLONE_NEWUTS) != 0) {
            GTEST_SKIP() << "no namespace for a name can be made here";
        }
        call("of-init");
        name_.emplace(
            loop_, Fd(open("/proc/sys/kernel/hostname", O_RDONLY | O_CLOEXEC)),
            [this](const std::string& name) { told_.push_back(name); }, 50ms);
    }

    static void call(std::string_view name) { ASSERT_EQ(sethostname(name.data(), name.size()), 0); }
    void await(size_t names) {
        for (const Moment late = now() + 20s; told_.size() < names && now() < late;)
            loop_.run_once(late);
    }

    EventLoop loop_;
    std::vector<std::string> told_;
    std::optional<OsName> name_;
};

TEST_F(OsNameTest, is_told_when_the_system_has_given_it_and_not_what_it_had_before) {
    call("localhost");
    call("pi4");
    await(1);
    EXPECT_EQ(told_, std::vector<std::string>{"pi4"});
    call("pi5.lan");
    await(2);
    EXPECT_EQ(told_.back(), "pi5.lan");
}

TEST(OsNames, are_those_by_which_others_can_know_a_machine) {
    for (const char* name : {"pi4", "pi4.lan", "local", "localhost4"})
        EXPECT_TRUE(tells_machines_apart(name)) << name;
    for (const char* name : {"", "(none)", "localhost", "localhost.localdomain", "a b", "-"})
        EXPECT_FALSE(tells_machines_apart(name)) << name;
}

}  // namespace
}  // namespace bootwire::keeper
