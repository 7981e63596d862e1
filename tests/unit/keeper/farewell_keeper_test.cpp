#include "keeper/farewell_keeper.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "control/ending.h"
#include "session_fixture.h"

namespace bootwire::keeper {
namespace {

using Stage = session::Farewell::Stage;

class FarewellKeeperTest : public SessionTest {
  protected:
    FarewellKeeperTest() { EXPECT_NE(mkdtemp(folder_.data()), nullptr); }
    ~FarewellKeeperTest() override {
        for (const char* name : {"poweroff", "reboot", "something"})
            unlink((folder_ + "/" + name).c_str());
        rmdir(folder_.c_str());
    }

    void SetUp() override {
        session_ = kept_session();
        prepare();
        keep(session_);
        farewell_.emplace(loop_, *keeper_, KeptDisk{"sda", "1"}, counters_.fd(), patience_, files(),
                          FarewellKeeper::Handlers{.let_network_go =
                                                       [this] {
                                                           kernel_.note("links down");
                                                           return std::vector<net::Link>();
                                                       },
                                                   .end_machine = [](board::Verb) {}});
        loop_.run_once(now() + 200ms);  // the target takes the connection
    }
    virtual void prepare() {}

    FarewellFiles files() {
        FarewellFiles files;
        files.verbs.reset(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
        inotify_add_watch(files.verbs.get(), folder_.c_str(), IN_CREATE | IN_MOVED_TO | IN_DELETE);
        files.folder.reset(open(folder_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        files.panic = panic_.descriptor();
        return files;
    }

    void hear(const SessionEvent& event) override {
        SessionTest::hear(event);
        farewell_->on_session(event);
    }

    bool ask(const std::string& text, bool from_root = true) {
        return call([&] {
            return farewell_->take({1, text, from_root}, [this](const std::string& answer) {
                answers_.push_back(answer);
            });
        });
    }
    void run_until_answered() {
        run_until([&] { return !answers_.empty(); });
    }

    std::string folder_ = testing::TempDir() + "ending-XXXXXX";
    MemoryFile panic_{"0\n"};
    MemoryFile counters_{"1 0 8 0 1 0 8 0 0 0 0\n"};
    KeptSession session_;
    std::chrono::seconds patience_{60};
    std::optional<FarewellKeeper> farewell_;
    std::vector<std::string> answers_;
    const Lines removed_ = {"stop terminate", "destroy connection", "destroy session",
                            "links down"};
};

TEST_F(FarewellKeeperTest, removes_the_disk_logs_out_removes_the_session_and_takes_the_link_down) {
    EXPECT_TRUE(ask("log-out poweroff"));
    EXPECT_TRUE(answers_.empty());
    run_until_answered();
    EXPECT_EQ(answers_, Lines{"logged out\n"});
    EXPECT_EQ(kernel_.steps(), (Lines{"unbind", "send logout", "target: logout", "stop terminate",
                                      "destroy connection", "destroy session", "links down"}));
}

TEST_F(FarewellKeeperTest, hears_of_the_end_in_the_folder_that_it_was_moved_to) {
    std::string other = testing::TempDir() + "moved-XXXXXX";
    ASSERT_NE(mkdtemp(other.data()), nullptr);
    std::swap(folder_, other);
    auto moved = files();
    std::swap(folder_, other);
    call([&] {
        farewell_->move_to(std::move(moved.verbs), std::move(moved.folder));
        return true;
    });
    const auto appear = [](const std::string& path) {
        Fd(open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    };
    appear(folder_ + "/reboot");
    run_what_is_due();
    EXPECT_EQ(farewell_->farewell().stage(), Stage::none) << "nobody looks there any more";
    appear(other + "/poweroff");
    run_until([&] { return farewell_->farewell().stage() == Stage::ending; });
    EXPECT_EQ(farewell_->farewell().verb(), board::Verb::poweroff);
    unlink((other + "/poweroff").c_str());
    rmdir(other.c_str());
}

TEST_F(FarewellKeeperTest, logs_out_no_sooner_than_the_kernel_has_removed_the_disk) {
    kernel_.unbinds = false;
    ask("log-out poweroff");
    run_what_is_due();
    EXPECT_EQ(kernel_.steps(), Lines{"unbind"});
    kernel_.tell_unbound();
    run_until_answered();
    EXPECT_EQ(answers_, Lines{"logged out\n"});
}

TEST_F(FarewellKeeperTest, does_not_miss_that_the_disk_is_gone_before_the_kernel_has_answered) {
    kernel_.unbinds = false;
    kernel_.next("unbind", {.before = [&] { kernel_.tell_unbound(); }});
    ask("log-out poweroff");
    run_until_answered();
    EXPECT_EQ(answers_, Lines{"logged out\n"});
}

TEST_F(FarewellKeeperTest, answers_all_who_wait_for_the_logout) {
    kernel_.unbinds = false;
    ask("log-out poweroff");
    ask("log-out reboot");
    kernel_.tell_unbound();
    run_until([&] { return answers_.size() == 2; });
    EXPECT_EQ(kernel_.count("unbind"), 1);
    ask("log-out reboot");
    EXPECT_EQ(answers_.back(), "the session has ended already\n");
}

TEST_F(FarewellKeeperTest, says_what_the_target_does_not_do_and_removes_the_session) {
    target_.answer_to_logout = 3;
    ask("log-out poweroff");
    run_until_answered();
    EXPECT_NE(answers_.front(), "logged out\n");
    const Lines lines = kernel_.steps();
    EXPECT_EQ(Lines(lines.end() - 4, lines.end()), removed_);
}

TEST_F(FarewellKeeperTest, removes_a_session_whose_logout_the_kernel_does_not_send) {
    kernel_.next("send logout", {.failure = ENOTCONN});
    ask("log-out poweroff");
    run_until_answered();
    EXPECT_TRUE(answers_.front().starts_with("not logged out: cannot send")) << answers_.front();
    EXPECT_EQ(kernel_.journal().back(), "links down");
}

TEST_F(FarewellKeeperTest, hears_each_event_before_the_next_one_is_acted_on) {
    kernel_.unbinds = false;
    ask("log-out poweroff");
    kernel_.tell_unbound();
    kernel_.lose_connection();
    run_until_answered();
    EXPECT_EQ(answers_, Lines{"the target closed the connection instead of logging us out\n"});
    EXPECT_EQ(kernel_.count("stop recover"), 0) << "nothing is restored any more";
}

TEST_F(FarewellKeeperTest, asks_no_target_that_has_gone) {
    kernel_.unbinds = false;
    ask("log-out poweroff");
    target_.go_away();
    run_until_told({Kind::lost});
    kernel_.tell_unbound();
    run_until_answered();
    EXPECT_EQ(answers_, Lines{"the target is away: not logged out\n"});
    EXPECT_EQ(kernel_.count("send logout"), 0);
}

TEST_F(FarewellKeeperTest, obeys_root_alone) {
    EXPECT_TRUE(ask("log-out poweroff", false));
    EXPECT_TRUE(ask("ending poweroff", false));
    EXPECT_EQ(answers_, Lines(2, "only root may ask for that\n"));
    answers_.clear();
    EXPECT_TRUE(ask("end-anyway poweroff", false));
    EXPECT_TRUE(answers_.front().starts_with("denied\n")) << answers_.front();
    EXPECT_TRUE(ask("log-out somewhere"));
    EXPECT_EQ(answers_.back(), "that is no way to end\n");
    EXPECT_FALSE(ask("status")) << "none of its";
    run_what_is_due();
    EXPECT_TRUE(kernel_.journal().empty());
}

TEST_F(FarewellKeeperTest, hears_of_the_end_by_a_file_and_of_its_cancelling) {
    const auto path = [&](const char* name) { return folder_ + "/" + name; };
    ASSERT_EQ(mknod(path("something").c_str(), S_IFREG | 0600, 0), 0);
    ASSERT_EQ(mkfifo(path("poweroff").c_str(), 0600), 0);
    run_until([&] { return farewell_->farewell().stage() == Stage::ending; });
    EXPECT_EQ(farewell_->farewell().verb(), board::Verb::poweroff);
    ASSERT_EQ(unlink(path("poweroff").c_str()), 0);
    run_until([&] { return farewell_->farewell().stage() == Stage::none; });
}

TEST_F(FarewellKeeperTest, asks_whether_the_system_still_ends_when_the_session_is_lost) {
    const std::string path = folder_ + "/reboot";
    ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
    const Fd fifo(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    run_until([&] { return farewell_->farewell().stage() == Stage::ending; });
    kernel_.lose_connection();
    run_until_told({Kind::lost, Kind::back});
    char word[2];
    EXPECT_EQ(read(fifo.get(), word, sizeof word), 1);
}

/// The reservation is given back while nothing else is done: the target is of another thread.
class FarewellToAHeldDisk : public FarewellKeeperTest {
  protected:
    static constexpr uint64_t key = 0x10000000a0770000;

    ~FarewellToAHeldDisk() override {
        ended_ = true;
        thread_.join();
    }
    void prepare() override {
        session_.portal = other_.endpoint();
        session_.portals = {other_.portal()};
        session_.hold = session::Hold{iscsi::Lun::from_linux(1), key};
        other_.unit.registrations = {{-1, key}};
        other_.unit.holder = -1;
        thread_ = std::thread([this] {
            while (!ended_)
                other_loop_.run_once(now() + 10ms);
        });
    }

    EventLoop other_loop_;
    FakeTarget other_{other_loop_, [this](const std::string& line) { kernel_.note(line); }};
    std::atomic<bool> ended_ = false;
    std::thread thread_;
};

TEST_F(FarewellToAHeldDisk, gives_it_back_when_the_session_is_gone_and_before_the_link_is) {
    ask("log-out poweroff");
    run_until_answered();
    EXPECT_EQ(answers_, Lines{"logged out\n"});
    const Lines lines = kernel_.steps();
    const auto at = [&](const char* line) { return std::ranges::find(lines, line); };
    EXPECT_LT(at("destroy session"), at("target: login, CmdSN 1"));
    EXPECT_LT(at("target: login, CmdSN 1"), at("target: reservation changed"));
    EXPECT_EQ(lines.back(), "links down");
    EXPECT_EQ(kernel_.count("links down"), 1);
}

class FarewellToALostTarget : public FarewellKeeperTest {
  protected:
    void lose() {
        target_.go_away();
        run_until_told({Kind::lost});
        kernel_.forget();
    }
};

TEST_F(FarewellToALostTarget, waits_for_it_and_then_ends_in_order) {
    lose();
    ask("log-out poweroff");
    run_what_is_due();
    EXPECT_EQ(kernel_.count("unbind"), 0);
    EXPECT_NE(log_.find("; the logout waits for it for another 60 s"), std::string::npos);
    target_.come_back();
    run_until_answered();
    EXPECT_EQ(answers_, Lines{"logged out\n"});
}

TEST_F(FarewellToALostTarget, ends_anyway_only_if_it_is_away) {
    ask("end-anyway reboot");
    EXPECT_TRUE(answers_.back().starts_with("unknown\n")) << answers_.back();
    lose();
    ask("end-anyway reboot");
    EXPECT_TRUE(answers_.back().starts_with("ok\nsda (")) << answers_.back();
    target_.come_back();
    run_until_told({Kind::lost, Kind::back});
    EXPECT_EQ(farewell_->farewell().stage(), Stage::none) << "the system goes on";
}

class FarewellWithoutPatience : public FarewellToALostTarget {
  protected:
    void prepare() override { patience_ = std::chrono::seconds(0); }
};

TEST_F(FarewellWithoutPatience, gives_up_the_disk_by_a_child_and_has_the_kernel_restart) {
    lose();
    ask("ending poweroff");
    EXPECT_EQ(answers_, Lines{"noted sda\n"});
    run_until([&] { return kernel_.count("destroy session") == 1; });
    EXPECT_EQ(farewell_->farewell().stage(), Stage::given_up);
    EXPECT_EQ(panic_.text(), "10") << "should PID 1 die";
    EXPECT_EQ(kernel_.steps(), (Lines{"stop terminate", "destroy connection", "destroy session"}));
    EXPECT_NE(log_.find("giving up on sda (iqn.2026-11.local.bootwire:disk at 127.0.0.1:"),
              std::string::npos);
    answers_.clear();
    ask("log-out poweroff");
    EXPECT_EQ(answers_, Lines{"the session was given up\n"});
}

}  // namespace
}  // namespace bootwire::keeper
