#include "session/kernel_initiator.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include "fake_kernel.h"
#include "iscsi/pdu.h"
#include "session/kernel_cmd_sn.h"
#include "session/log_out.h"
#include "session/start.h"

namespace bootwire::session {
namespace {

using Lines = std::vector<std::string>;

class KernelInitiatorTest : public testing::Test {
  protected:
    bool readable() {
        pollfd polled{initiator_.fd(), POLLIN, 0};
        return poll(&polled, 1, 0) > 0;
    }
    /// A login that a target has accepted.
    LoggedIn login() {
        int ends[2];
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        target_.reset(ends[1]);
        LoggedIn login;
        login.socket.reset(ends[0]);
        login.portal = {IpAddress::v4(10, 0, 0, 1), 3260};
        login.result.cmd_sn = 5;
        login.result.exp_stat_sn = 77;
        login.result.parameters.target_portal_group_tag = 1;
        return login;
    }
    static Account account() {
        Account account;
        account.initiator = "iqn.2026-11.local.bootwire:test";
        account.target = "iqn.2026-11.local.bootwire:disk";
        return account;
    }

    FakeKernel kernel_;
    KernelInitiator initiator_ = kernel_.initiator();
    Fd target_;
};

TEST_F(KernelInitiatorTest, gives_the_number_of_a_new_session_and_of_its_host) {
    const auto session = initiator_.create_session(5);
    ASSERT_TRUE(session);
    EXPECT_EQ(session->sid, FakeKernel::session.sid);
    EXPECT_EQ(session->host, FakeKernel::session.host);
    EXPECT_EQ(kernel_.journal(), (Lines{"create session, CmdSN 5, commands 128, depth 32"}));
}

TEST_F(KernelInitiatorTest, tells_why_a_request_is_refused) {
    kernel_.next("unbind", {.refusal = ENODEV});
    const auto done = initiator_.unbind_session(FakeKernel::session);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().what, "cannot remove the disk: No such device");
}

TEST_F(KernelInitiatorTest, tells_why_a_request_that_was_taken_has_failed) {
    const auto expect_failure = [&](const char* request, const Status& done) {
        ASSERT_FALSE(done) << request;
        EXPECT_TRUE(done.error().what.ends_with(": Transport endpoint is not connected"))
            << done.error().what;
    };
    const auto& ours = FakeKernel::session;
    kernel_.next("bind", {.failure = ENOTCONN});
    expect_failure("bind", initiator_.bind_connection(ours, 0));
    kernel_.next("start", {.failure = ENOTCONN});
    expect_failure("start", initiator_.start_connection(ours));
    kernel_.next("send", {.failure = ENOTCONN});
    expect_failure("send", initiator_.send_pdu(ours, iscsi::LogoutRequestPdu{}.encode(), {}));
}

TEST_F(KernelInitiatorTest, takes_a_parameter_that_the_kernel_does_not_know_for_set) {
    kernel_.next("set", {.refusal = ENOSYS});
    EXPECT_TRUE(initiator_.set_parameter(FakeKernel::session, Parameter::fast_abort, "1"));
    kernel_.next("set", {.refusal = EINVAL});
    EXPECT_FALSE(initiator_.set_parameter(FakeKernel::session, Parameter::fast_abort, "1"));
    EXPECT_EQ(kernel_.journal(), (Lines{"set 26 1", "set 26 1"}));
}

TEST(KernelEventTest, is_as_long_as_its_netlink_header_says) {
    constexpr uint32_t whole = NLMSG_HDRLEN + 56 + 48 + 8;
    std::vector<uint8_t> datagram(whole + 8, 'x');
    const auto decode = [&](uint32_t length, uint8_t segment) {
        const nlmsghdr header{length, 0, 0, 0, 0};
        std::memcpy(datagram.data(), &header, sizeof header);
        const uint32_t received_pdu = 101;
        std::memcpy(&datagram[NLMSG_HDRLEN], &received_pdu, sizeof received_pdu);
        uint8_t* const segment_length = &datagram[NLMSG_HDRLEN + 56 + 5];
        segment_length[0] = segment_length[1] = 0;
        segment_length[2] = segment;
        return KernelInitiator::decode_event(datagram);
    };
    EXPECT_EQ(decode(whole, 5)->data.size(), 5u);
    EXPECT_EQ(decode(whole, 200)->data.size(), 8u) << "what is behind belongs to nobody";
    EXPECT_EQ(decode(whole - 9, 5)->kind, KernelEvent::Kind::other) << "half a header";
    EXPECT_FALSE(decode(NLMSG_HDRLEN + 55, 5));
    EXPECT_FALSE(decode(whole + 9, 5));
    EXPECT_FALSE(decode(0, 5));
}

TEST_F(KernelInitiatorTest, does_not_wait_for_an_answer_that_is_lost) {
    kernel_.next("start", {.no_answer = true});
    const auto done = initiator_.start_connection(FakeKernel::session);
    ASSERT_FALSE(done);
    EXPECT_TRUE(done.error().what.ends_with("the kernel does not answer"));
}

TEST_F(KernelInitiatorTest, keeps_the_events_that_come_before_an_answer_in_their_order) {
    kernel_.lose_connection(1015);
    kernel_.next("start", {.before = [&] { kernel_.tell_unbound(); }});
    EXPECT_FALSE(initiator_.has_queued_event());
    ASSERT_TRUE(initiator_.start_connection(FakeKernel::session));
    kernel_.lose_connection(1022);
    EXPECT_TRUE(initiator_.has_queued_event());
    const auto first = initiator_.next_event();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->kind, KernelEvent::Kind::connection_error);
    EXPECT_EQ(first->sid, FakeKernel::session.sid);
    EXPECT_EQ(connection_error_text(first->error), "data digest error");
    EXPECT_EQ(initiator_.next_event()->kind, KernelEvent::Kind::session_unbound);
    EXPECT_FALSE(initiator_.has_queued_event());
    EXPECT_TRUE(readable());
    EXPECT_EQ(initiator_.next_event()->error, 1022u);
    EXPECT_FALSE(initiator_.next_event());
    EXPECT_FALSE(readable());
}

TEST_F(KernelInitiatorTest, gives_a_received_pdu_without_what_pads_it) {
    iscsi::Bhs header = iscsi::LoginResponsePdu{}.encode();
    iscsi::set_data_length(header, 5);
    const std::vector<uint8_t> data{'h', 'e', 'l', 'l', 'o', 0, 0, 0};
    kernel_.tell_pdu(header, data);
    const auto event = initiator_.next_event();
    ASSERT_TRUE(event);
    EXPECT_EQ(event->kind, KernelEvent::Kind::received_pdu);
    EXPECT_EQ(event->header, header);
    EXPECT_EQ(event->data, std::vector<uint8_t>(data.begin(), data.begin() + 5));
}

TEST_F(KernelInitiatorTest, passes_over_what_is_no_message) {
    kernel_.tell_nonsense();
    kernel_.next("start", {.before = [&] { kernel_.tell_nonsense(); }});
    EXPECT_TRUE(initiator_.start_connection(FakeKernel::session));
    EXPECT_FALSE(initiator_.next_event());
}

TEST_F(KernelInitiatorTest, for_another_process_asks_on_its_own) {
    kernel_.lose_connection();
    auto other = initiator_.another();
    ASSERT_TRUE(other);
    EXPECT_TRUE(other->unbind_session(FakeKernel::session));
    EXPECT_EQ(other->next_event()->kind, KernelEvent::Kind::session_unbound);
    EXPECT_EQ(initiator_.next_event()->kind, KernelEvent::Kind::connection_error);
}

TEST_F(KernelInitiatorTest, starts_a_session_with_what_was_agreed_on) {
    LoggedIn logged_in = login();
    ASSERT_TRUE(start_in_kernel(initiator_, account(), logged_in));
    EXPECT_FALSE(logged_in.socket.valid()) << "the kernel has a reference of its own";
    EXPECT_EQ(kernel_.steps(), (Lines{"create session, CmdSN 5, commands 128, depth 32",
                                      "create connection", "bind", "start"}));
    const Lines lines = kernel_.journal();
    EXPECT_EQ(lines[2], "bind");
    EXPECT_EQ(lines.back(), "start") << "once all is set";
    const auto is_set = [&](const char* line) {
        return std::ranges::find(lines, line) != lines.end();
    };
    EXPECT_TRUE(is_set("set 15 iqn.2026-11.local.bootwire:disk"));
    EXPECT_TRUE(is_set("set 17 10.0.0.1"));
    EXPECT_TRUE(is_set("set 14 77")) << "ExpStatSN";
    EXPECT_TRUE(is_set("set 19 0")) << "nobody gets a lost connection back yet";
    ASSERT_TRUE(let_io_wait(initiator_, FakeKernel::session, plan::RecoveryTime{}));
    EXPECT_EQ(kernel_.journal().back(), "set 19 -1");
}

TEST_F(KernelInitiatorTest, leaves_nothing_of_a_session_that_does_not_start) {
    for (const char* step : {"create connection", "bind", "set 8 ", "start"}) {
        kernel_.forget();
        kernel_.next(step, {.refusal = EIO});
        LoggedIn logged_in = login();
        ASSERT_FALSE(start_in_kernel(initiator_, account(), logged_in)) << step;
        const Lines lines = kernel_.journal();
        ASSERT_GE(lines.size(), 4u);
        EXPECT_TRUE(lines[lines.size() - 4].starts_with(step)) << "the last that was tried";
        EXPECT_EQ(Lines(lines.end() - 3, lines.end()),
                  (Lines{"stop terminate", "destroy connection", "destroy session"}))
            << step;
    }
}

TEST_F(KernelInitiatorTest, tells_its_next_cmd_sn_over_a_connection_to_ourselves) {
    const auto number = kernel_cmd_sn(initiator_, FakeKernel::session);
    ASSERT_TRUE(number) << number.error().what;
    EXPECT_EQ(*number, FakeKernel::cmd_sn);
    EXPECT_EQ(kernel_.journal(), (Lines{"bind", "send login", "stop recover"}))
        << "the session is stopped as before";
}

TEST_F(KernelInitiatorTest, is_stopped_again_if_it_does_not_tell_its_cmd_sn) {
    kernel_.next("send login", {.failure = ENOTCONN});
    EXPECT_FALSE(kernel_cmd_sn(initiator_, FakeKernel::session));
    EXPECT_EQ(kernel_.journal().back(), "stop recover");
}

class LogOut : public KernelInitiatorTest {
  protected:
    /// The target, as soon as it is asked.
    void answer_logout(uint8_t with) {
        iscsi::LogoutResponsePdu response;
        response.response = with;
        kernel_.next("send logout",
                     {.after = [this, bhs = response.encode()] { kernel_.tell_pdu(bhs); }});
    }
    Status log_out_now() {
        return log_out(initiator_, FakeKernel::session, "sda", [] {});
    }

    void SetUp() override {
        LoggedIn logged_in = login();
        kernel_.connect(std::move(logged_in.socket));
    }
    const Lines orderly_ = {"unbind", "send logout", "stop terminate", "destroy connection",
                            "destroy session"};
};

TEST_F(LogOut, removes_the_disk_then_asks_the_target_and_removes_the_rest) {
    answer_logout(0);
    EXPECT_TRUE(log_out_now());
    EXPECT_EQ(kernel_.journal(), orderly_);
}

TEST_F(LogOut, that_the_target_refuses_is_an_error_and_nothing_is_left) {
    answer_logout(3);
    EXPECT_FALSE(log_out_now());
    EXPECT_EQ(kernel_.journal(), orderly_);
}

TEST_F(LogOut, does_not_miss_an_event_that_came_with_an_answer) {
    kernel_.unbinds = false;
    kernel_.next("unbind", {.before = [&] { kernel_.tell_unbound(); }});
    answer_logout(0);
    EXPECT_TRUE(log_out_now());
    EXPECT_EQ(kernel_.journal(), orderly_);
}

TEST_F(LogOut, asks_no_target_that_has_gone_meanwhile) {
    kernel_.next("unbind", {.before = [&] { kernel_.lose_connection(); }});
    const auto done = log_out_now();
    ASSERT_FALSE(done);
    EXPECT_EQ(kernel_.count("send logout"), 0);
    EXPECT_EQ(kernel_.journal().back(), "destroy session");
}

}  // namespace
}  // namespace bootwire::session
