#include "keeper/session_keeper.h"

#include "session_fixture.h"

namespace bootwire::keeper {
namespace {

class SessionKeeperTest : public SessionTest {};

const Lines recovery = {
    "stop recover", "stop recover", "bind", "send login", "target: login, CmdSN 4711",
    "send login",   "start"};

TEST_F(SessionKeeperTest, tells_the_kernel_that_the_connection_is_lost_before_anything_else) {
    keep();
    kernel_.lose_connection();
    run_until_told({Kind::lost, Kind::back});
    EXPECT_EQ(kernel_.steps(), recovery);
    const Lines lines = kernel_.journal();
    EXPECT_EQ(lines.back(), "start") << "once all is set";
    EXPECT_TRUE(lines[lines.size() - 2].starts_with("set "));
    EXPECT_EQ(keeper_->outage_count(), 1u);
    EXPECT_EQ(keeper_->outages().back().reason, "connection failed");
    EXPECT_NE(log_.find("the session is back at 127.0.0.1:"), std::string::npos);
}

TEST_F(SessionKeeperTest, goes_to_the_next_portal_where_the_kernel_says_that_this_one_takes_no_io) {
    FakeTarget other(loop_, [this](const std::string& line) { kernel_.note("other " + line); });
    KeptSession kept = kept_session();
    kept.portals.push_back(other.portal());
    keep(std::move(kept));
    kernel_.lose_connection(session::port_takes_no_io);
    run_until_told({Kind::lost, Kind::back});
    EXPECT_EQ(keeper_->recovery().portal(), other.portal());
    EXPECT_EQ(keeper_->outages().back().reason, "the target's portal takes no I/O (standby)");
    kernel_.lose_connection();
    run_until_told({Kind::lost, Kind::back, Kind::lost, Kind::back});
}

TEST_F(SessionKeeperTest, notices_that_the_target_hangs_up) {
    keep();
    loop_.run_once(now() + 200ms);  // the target takes the connection
    target_.hang_up();
    run_until_told({Kind::lost, Kind::back});
    EXPECT_EQ(keeper_->outages().back().reason, "the target closed the connection");
}

TEST_F(SessionKeeperTest, is_not_led_to_this_machine_by_a_name_either) {
    KeptSession kept = kept_session();
    kept.addresses = {{"rogue.example", {IpAddress::v4(127, 0, 0, 1)}}};
    keep(std::move(kept));
    loop_.run_once(now() + 200ms);  // the target takes the connection
    target_.redirects_to = "rogue.example:" + std::to_string(target_.portal().port);
    target_.hang_up();
    run_until([&] { return log_.find("no target can be there") != log_.npos; });
    target_.redirects_to.clear();
    run_until([&] { return is_established(); });
}

TEST_F(SessionKeeperTest,
       goes_by_the_address_that_was_last_known_and_tells_once_of_the_name_servers) {
    KeptSession kept = kept_session();
    kept.portals = {{std::string("nas.lan"), target_.portal().port}};
    kept.addresses = {{"nas.lan", {IpAddress::v4(127, 0, 0, 1)}}};
    keep(std::move(kept));
    const auto resolve = keeper_->surroundings().resolve;
    EXPECT_EQ(resolve("nas.lan"), IpAddress::v4(127, 0, 0, 1));
    EXPECT_FALSE(resolve("other.lan")) << "there is no name server";
    loop_.run_once(now() + 200ms);  // the target takes the connection
    target_.go_away();
    run_until([&] { return keeper_->recovery().attempts() >= 3; });
    target_.come_back();
    run_until([&] { return is_established(); });
    const std::string line = "; going by what it last said";
    const size_t found = log_.find(line);
    EXPECT_NE(found, log_.npos) << log_;
    EXPECT_EQ(log_.find(line, found + 1), log_.npos) << log_;
}

TEST_F(SessionKeeperTest, is_not_concerned_with_other_sessions) {
    keep();
    iscsi::AsyncMessagePdu wish;
    wish.event = 1;  // a logout
    kernel_.tell_pdu(wish.encode(), {}, FakeKernel::session.sid + 1);
    kernel_.tell_nonsense();
    run_what_is_due();
    EXPECT_TRUE(is_established());
    EXPECT_TRUE(kernel_.journal().empty());
}

/// A target that wants a logout, as it may at any time.
class LogoutWish : public SessionTest {
  protected:
    /// /sys/block/NAME/stat of a disk with so many commands under way.
    static std::string stat(int commands) {
        return "1 0 8 0 1 0 8 0 " + std::to_string(commands) + " 0 0 0 0 0 0 0 0\n";
    }
    /// disk: may be null.
    void wish(const MemoryFile* disk) {
        keep();
        if (disk != nullptr) keeper_->watch_disk(disk->fd());
        loop_.run_once(now() + 200ms);  // the target takes the connection
        iscsi::AsyncMessagePdu message;
        message.event = 1;
        message.parameters = {0, 0, 5};
        kernel_.tell_pdu(message.encode());
        run_until_told({Kind::lost, Kind::back});
    }
    bool was_cut_off() const {
        return keeper_->outages().back().reason.contains("commands are under way");
    }
};

TEST_F(LogoutWish, is_granted_while_the_disk_is_idle) {
    const MemoryFile idle(stat(0));
    wish(&idle);
    EXPECT_EQ(kernel_.count("send logout"), 1);
    EXPECT_FALSE(was_cut_off());
}

TEST_F(LogoutWish, cuts_off_what_is_under_way_instead_of_letting_it_be_failed) {
    const MemoryFile busy(stat(2));
    wish(&busy);
    EXPECT_EQ(kernel_.count("send logout"), 0);
    EXPECT_TRUE(was_cut_off());
}

TEST_F(LogoutWish, cuts_off_what_may_be_under_way) {
    wish(nullptr);
    EXPECT_EQ(kernel_.count("send logout"), 0);
    EXPECT_TRUE(was_cut_off());
}

TEST_F(SessionKeeperTest, gives_a_target_more_time_for_pings_that_is_there_and_answered_none) {
    keep();
    Kinds all;
    for (const char* timeout : {"10", "20"}) {
        kernel_.lose_connection(session::ping_not_answered);
        all.insert(all.end(), {Kind::lost, Kind::back});
        run_until_told(all);
        const Lines lines = kernel_.journal();
        EXPECT_EQ(std::ranges::count(lines, std::string("set 30 ") + timeout), 1) << timeout;
    }
    EXPECT_NE(log_.find("from now on it has 20 s"), log_.npos);
    kernel_.lose_connection();
    all.insert(all.end(), {Kind::lost, Kind::back});
    run_until_told(all);
    const Lines lines = kernel_.journal();
    EXPECT_EQ(std::ranges::count(lines, "set 30 20"), 2) << "it stays";
}

TEST_F(SessionKeeperTest, finds_a_loss_that_no_event_tells_of) {
    state_.write("failed\n");
    keep();
    state_.write("up\n");
    EXPECT_FALSE(is_established());
    EXPECT_TRUE(told_.empty());
    run_until_told({Kind::lost, Kind::back});
    EXPECT_EQ(keeper_->outages().back().reason, "the kernel has given it up");
}

TEST_F(SessionKeeperTest, tells_nothing_from_within_a_call) {
    keep();
    kernel_.next("unbind", {.before = [&] { kernel_.tell_unbound(); }});
    kernel_.unbinds = false;
    EXPECT_TRUE(call([&] { return keeper_->unbind(); }));
    call([&] { return keeper_->reconnect("somebody wants a new one"), 0; });
    EXPECT_FALSE(is_established());
    EXPECT_TRUE(told_.empty());
    run_until_told({Kind::unbound, Kind::lost, Kind::back});
    call([&] { return keeper_->network_back(), 0; });
    call([&] { return keeper_->learn({second_portal}), 0; });
    run_what_is_due();
    EXPECT_EQ(told_.size(), 3u);
}

TEST_F(SessionKeeperTest, tells_what_its_owner_causes_after_what_it_was_telling) {
    keep();
    bool asked = false;
    keeper_->set_owner([&](const SessionEvent& event) {
        hear(event);
        if (event.kind != Kind::back || std::exchange(asked, true)) return;
        call([&] { return keeper_->reconnect("once more"), 0; });
    });
    kernel_.lose_connection();
    run_until_told({Kind::lost, Kind::back, Kind::lost, Kind::back});
}

struct Refusal {
    const char* name;
    const char* request;
    FakeKernel::Turn turn;

    friend void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.name; }
};

class Refused : public SessionKeeperTest, public testing::WithParamInterface<Refusal> {};

TEST_P(Refused, is_one_more_lost_connection) {
    const auto& [name, request, turn] = GetParam();
    keep();
    kernel_.next(request, turn);
    kernel_.lose_connection();
    run_until_told({Kind::lost, Kind::back});
    const Lines lines = kernel_.journal();
    const auto refused = std::ranges::find_if(
        lines, [&](const std::string& line) { return line.starts_with(request); });
    ASSERT_NE(refused, lines.end());
    EXPECT_EQ(*(refused + 1), "stop recover") << "the rest of the attempt is not carried out";
    EXPECT_EQ(kernel_.count("start"), std::string_view(request) == "start" ? 2 : 1);
    EXPECT_EQ(keeper_->outage_count(), 1u) << "one outage all the same";
}

const Refusal refusals[] = {
    {"a_bind_that_is_refused", "bind", {.refusal = EINVAL}},
    {"a_bind_that_fails", "bind", {.failure = ENOTCONN}},
    {"a_login_that_cannot_be_sent", "send login", {.failure = ENOTCONN}},
    {"a_parameter_that_is_refused", "set 8 ", {.refusal = EINVAL}},
    {"a_start_that_is_refused", "start", {.refusal = EINVAL}},
    {"a_start_that_fails", "start", {.failure = ENOTCONN}},
    {"a_start_that_is_not_answered", "start", {.no_answer = true}},
};

INSTANTIATE_TEST_SUITE_P(Kernel, Refused, testing::ValuesIn(refusals),
                         [](const auto& param) { return param.param.name; });

TEST_F(SessionKeeperTest, goes_on_when_the_kernel_says_that_there_is_nothing_to_stop) {
    keep();
    kernel_.next("stop recover", {.refusal = ENOTCONN});
    kernel_.lose_connection();
    run_until_told({Kind::lost, Kind::back});
    EXPECT_EQ(kernel_.steps(), recovery);
}

TEST_F(SessionKeeperTest, hears_an_event_that_came_with_an_answer) {
    keep();
    kernel_.next("start", {.before = [&] { kernel_.lose_connection(1015); }});
    kernel_.lose_connection();
    run_until_told({Kind::lost, Kind::back, Kind::lost, Kind::back});
    EXPECT_EQ(keeper_->outages().back().reason, "data digest error");
}

TEST_F(SessionKeeperTest,
       forgets_what_the_old_connection_still_says_but_not_that_the_disk_is_gone) {
    keep();
    kernel_.next("stop recover", {.before = [&] {
                     kernel_.lose_connection(1015);
                     kernel_.tell_unbound();
                     kernel_.lose_connection(1015);
                 }});
    kernel_.lose_connection();
    run_until_told({Kind::unbound, Kind::lost, Kind::back});
    EXPECT_EQ(kernel_.steps(), recovery) << "one outage";
}

TEST_F(SessionKeeperTest, leaves_a_session_alone_that_ends) {
    keep();
    loop_.run_once(now() + 1s);
    EXPECT_TRUE(call([&] { return keeper_->send_logout(); }));
    run_until_told({Kind::logged_out});
    EXPECT_EQ(problem_, "");
    target_.hang_up();
    run_until_told({Kind::logged_out, Kind::lost});
    keeper_->network_back();
    keeper_->reconnect("somebody wants a new one");
    keeper_->learn({second_portal});
    run_what_is_due();
    call([&] { return keeper_->drop(), 0; });
    EXPECT_EQ(kernel_.steps(), (Lines{"send logout", "target: logout", "stop terminate",
                                      "destroy connection", "destroy session"}));
}

TEST_F(SessionKeeperTest, tells_what_the_target_says_to_a_logout) {
    target_.answer_to_logout = 3;
    keep();
    EXPECT_TRUE(keeper_->send_logout());
    run_until_told({Kind::logged_out});
    EXPECT_NE(problem_, "");
}

TEST_F(SessionKeeperTest, hears_the_answer_to_a_logout_that_came_with_the_kernels) {
    keep();
    kernel_.next("send logout", {.failure = EPIPE, .before = [&] {
                                     kernel_.tell_pdu(iscsi::LogoutResponsePdu{}.encode());
                                 }});
    EXPECT_FALSE(call([&] { return keeper_->send_logout(); }));
    run_until_told({Kind::logged_out});
}

TEST_F(SessionKeeperTest, has_a_child_remove_a_session_for_which_the_kernel_waits) {
    keep();
    target_.go_away();
    run_until_told({Kind::lost});
    kernel_.forget();
    call([&] { return keeper_->abandon(), 0; });
    run_until([&] { return kernel_.count("destroy session") == 1; });
    EXPECT_EQ(kernel_.journal(),
              (Lines{"stop terminate", "destroy connection", "destroy session"}));
    target_.come_back();
    loop_.run_once(now() + 1100ms);
    EXPECT_EQ(told_, Kinds{Kind::lost}) << "it is not looked for any more";
}

}  // namespace
}  // namespace bootwire::keeper
