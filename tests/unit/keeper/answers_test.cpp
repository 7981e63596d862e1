#include "keeper/answers.h"

#include "keeper/lease_keeper.h"
#include "session_fixture.h"

namespace bootwire::keeper {
namespace {

class AnswersTest : public SessionTest {
  protected:
    void begin(bool held = false) {
        session_ = kept_session();
        if (held) session_.hold = session::Hold{iscsi::Lun::from_linux(1), 0xa0770000};
        address_.addressed.address = *IpPrefix::parse("10.9.8.7/24");
        address_.link.name = "eth0";
        keep(session_);
        auto links = net::Links::open();
        auto monitor = net::LinkMonitor::open(net::LinkMonitor::Scope::addresses_too);
        ASSERT_TRUE(links && monitor);
        lease_.emplace(loop_, std::move(*links), std::move(*monitor), address_,
                       LeaseKeeper::Handlers{[] {}, [] {}, [](const auto&) {}});
        lease_->let_go();  // the links of whoever runs the test are none of its business
        answers_.emplace(loop_, *keeper_, *lease_, disk_,
                         DiskFiles{counters_.fd(), overlay_use_.fd()},
                         std::vector<control::BootStage>{{"network", 1s}, {"session", 2s}},
                         [] { return "what was said\n"; });
    }

    void hear(const SessionEvent& event) override {
        SessionTest::hear(event);
        answers_->on_session(event);
    }

    /// What has been answered by now; empty: nothing.
    std::string ask(const std::string& text, bool from_root = true) {
        std::string& answer = *heard_.emplace_back(std::make_unique<std::string>());
        call([&] {
            answers_->take({1, text, from_root}, [&](std::string with) {
                EXPECT_TRUE(answer.empty()) << "once";
                answer = std::move(with);
            });
            return 0;
        });
        return answer;
    }
    const std::string& heard(size_t number) const { return *heard_[number]; }

    static bool has(const std::string& text, std::string_view part) {
        return text.find(part) != text.npos;
    }

    MemoryFile counters_{"11 0 88 0 22 0 176 0 0 0 0\n"};
    MemoryFile overlay_use_{"8000000 2500000 2600000 0 0 0 0 0\n"};
    KeptDisk disk_{"sda", "1"};
    KeptSession session_;
    KeptAddress address_;
    std::optional<LeaseKeeper> lease_;
    std::optional<Answers> answers_;
    std::vector<std::unique_ptr<std::string>> heard_;
};

TEST_F(AnswersTest, tell_everybody_how_session_address_and_disk_are) {
    begin();
    const std::string words = ask("status", false);
    EXPECT_TRUE(words.starts_with("ok\n")) << words;
    for (const char* part :
         {"iqn.2026-11.local.bootwire:disk", "127.0.0.1:", "10.9.8.7/24", "eth0", "sda", "network"})
        EXPECT_TRUE(has(words, part)) << part << " in\n" << words;
    EXPECT_FALSE(has(words, "overlay")) << words;
    const std::string json = ask("status json", false);
    EXPECT_TRUE(json.starts_with("ok\n{")) << json;
    EXPECT_TRUE(has(json, "\"sda\"")) << json;
    const std::string metrics = ask("status prometheus", false);
    EXPECT_TRUE(metrics.starts_with("ok\n# ")) << metrics;
    EXPECT_TRUE(has(metrics, "bootwire_session_up 1")) << metrics;
}

TEST_F(AnswersTest, tell_of_changes_that_are_kept_in_memory_if_they_are) {
    disk_.overlay = KeptOverlay{"zram1", {.limit = 26'000'000}};
    begin();
    const std::string words = ask("status");
    EXPECT_TRUE(
        has(words, "\noverlay    2.6 MB of 26.0 MB of memory for 8.0 MB of changes: 10 %\n"))
        << words;
}

TEST_F(AnswersTest, tell_of_the_lease_if_there_is_one_and_when_it_ends_if_it_does) {
    begin();
    EXPECT_TRUE(has(ask("status"), "the address is fixed"));
    EXPECT_TRUE(has(ask("status json"), "\"lease\":null"));
    dhcp::Lease lease;
    lease.address = *IpPrefix::parse("10.9.8.8/24");
    lease.server = IpAddress::v4(10, 9, 8, 1);
    lease.duration = 3600s;
    lease.renewal = 1800s;
    lease.since = now();
    for (const bool ends : {true, false}) {
        if (!ends) lease.duration = dhcp::forever;
        address_.lease = lease;
        answers_.reset();
        lease_.reset();
        keeper_.reset();
        begin();
        const std::string words = ask("status");
        EXPECT_TRUE(has(words, "10.9.8.8/24")) << words;
        EXPECT_TRUE(has(words, "10.9.8.1")) << words;
        EXPECT_EQ(has(words, ", for ever"), !ends) << words;
        EXPECT_EQ(has(words, ", renewed in "), ends) << words;
        EXPECT_EQ(has(ask("status prometheus"), "lease_expiry_timestamp_seconds"), ends);
    }
}

TEST_F(AnswersTest, say_first_of_all_that_the_session_is_lost) {
    begin();
    target_.go_away();
    loop_.run_once(now() + 1s);
    kernel_.lose_connection();
    run_until_told({Kind::lost});
    for (const char* request : {"status", "status json", "status prometheus"})
        EXPECT_TRUE(ask(request).starts_with("lost\n")) << request;
    EXPECT_TRUE(has(heard(2), "bootwire_session_up 0")) << heard(2);
}

TEST_F(AnswersTest, bring_the_last_lines_of_the_log) {
    begin();
    EXPECT_EQ(ask("log"), "ok\nwhat was said\n");
}

TEST_F(AnswersTest, do_not_know_everything) {
    begin();
    EXPECT_TRUE(ask("status please").starts_with("unknown\n"));
}

TEST_F(AnswersTest, let_root_alone_have_a_new_connection) {
    begin();
    EXPECT_TRUE(ask("reconnect", false).starts_with("denied\n"));
    run_what_is_due();
    EXPECT_TRUE(is_established());
    EXPECT_TRUE(kernel_.journal().empty());
}

TEST_F(AnswersTest, tell_of_a_new_connection_once_it_is_there) {
    begin();
    EXPECT_EQ(ask("reconnect"), "") << "not from within the request";
    EXPECT_EQ(ask("reconnect"), "");
    run_until_told({Kind::lost, Kind::back});
    const std::string answer = "ok\nconnected to " + target_.portal().to_string() + " after ";
    EXPECT_TRUE(heard(0).starts_with(answer)) << heard(0);
    EXPECT_TRUE(heard(1).starts_with(answer)) << heard(1);
    EXPECT_EQ(keeper_->outages().back().reason, "a new connection was asked for");
}

TEST_F(AnswersTest, tell_nobody_of_a_return_that_he_did_not_ask_for) {
    begin(true);
    kernel_.next("start", {.after = [&] { loop_.at(now(), [&] { ask("reconnect"); }); }});
    kernel_.lose_connection();
    run_until([&] { return told_.size() >= 2; });
    EXPECT_EQ(told_[1], Kind::back);
    ASSERT_EQ(heard_.size(), 1u) << "asked between the return and the word of it";
    EXPECT_EQ(heard(0), "");
    run_until_told({Kind::lost, Kind::back, Kind::lost, Kind::back});
    EXPECT_TRUE(heard(0).starts_with("ok\nconnected"));
}

TEST_F(AnswersTest, tell_at_once_that_there_will_be_no_new_connection) {
    target_.unit.registrations = {{-1, 5}};
    target_.unit.holder = -1;
    begin(true);
    EXPECT_EQ(ask("reconnect"), "");
    run_until_told({Kind::lost, Kind::displaced});
    EXPECT_TRUE(heard(0).starts_with("lost\nnot back: given up; another machine")) << heard(0);
    EXPECT_TRUE(ask("reconnect").starts_with("lost\nnot back: given up; another machine"));
}

}  // namespace
}  // namespace bootwire::keeper
