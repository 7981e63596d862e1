// A disk that is tried out, or held, before the kernel may use a new connection.
#include "keeper/session_keeper.h"
#include "session_fixture.h"

namespace bootwire::keeper {
namespace {

/// What the kernel was asked for until the login over the socket began, with this CmdSN.
Lines up_to_login(const std::string& cmd_sn) {
    return {"stop recover",
            "stop recover",  // as ever
            "bind",
            "send login",
            "stop recover",  // to ourselves
            "target: login, CmdSN " + cmd_sn};
}

/// As the booted system's is.
class TriedOutSession : public SessionTest {
  protected:
    void keep_tried_out() {
        KeptSession kept = kept_session();
        kept.tried_lun = iscsi::Lun::from_linux(1);
        keep(std::move(kept));
    }
};

TEST_F(TriedOutSession, is_the_kernels_once_its_disk_takes_commands) {
    keep_tried_out();
    kernel_.lose_connection();
    run_until_told({Kind::lost, Kind::back});
    Lines steps = up_to_login("4703");
    steps.insert(steps.end(), 8, "target: tried out");
    steps.insert(steps.end(), {"bind", "start"});
    EXPECT_EQ(kernel_.steps(), steps);
    EXPECT_EQ(target_.exp_cmd_sn, FakeKernel::cmd_sn) << "and the kernel goes on with that";
}

TEST_F(TriedOutSession, waits_for_a_portal_on_standby_and_shows_the_kernel_nothing_of_it) {
    keep_tried_out();
    target_.unit.refusal = {2, 4, 0x0b};
    kernel_.lose_connection();
    run_until([&] { return kernel_.count("target: tried out") >= 2; });
    EXPECT_EQ(kernel_.count("start"), 0);
    EXPECT_NE(log_.find("takes no commands by this portal (sense 2/04/0b)"), log_.npos);
    target_.unit.refusal = {};
    run_until_told({Kind::lost, Kind::back});
}

TEST_F(TriedOutSession, comes_back_without_it_where_the_kernel_does_not_tell_its_number) {
    keep_tried_out();
    kernel_.next("send login", {.failure = ENOTCONN});
    kernel_.lose_connection();
    run_until_told({Kind::lost, Kind::back});
    EXPECT_EQ(kernel_.count("target: tried out"), 0);
    EXPECT_NE(log_.find("not tried out any more"), log_.npos);
}

/// iscsi.exclusive.
class HeldSession : public SessionTest {
  protected:
    static constexpr uint64_t ours = 0x10000000a0770000, another = 0x10000000a0770001;

    void keep_held() {
        KeptSession kept = kept_session();
        kept.hold = session::Hold{iscsi::Lun::from_linux(1), ours};
        keep(std::move(kept));
    }
};

TEST_F(HeldSession, is_reserved_with_the_kernels_cmd_sn_before_the_kernel_may_use_it) {
    keep_held();
    kernel_.lose_connection();
    run_until_told({Kind::lost, Kind::back});
    Lines steps = up_to_login("4695");
    steps.insert(steps.end(), {"target: reservation read", "target: reservation changed",
                               "target: reservation changed"});
    steps.insert(steps.end(), 13, "target: tried out");  // of no effect
    steps.insert(steps.end(), {"bind", "start"});
    EXPECT_EQ(kernel_.steps(), steps);
    EXPECT_EQ(target_.exp_cmd_sn, FakeKernel::cmd_sn) << "and the kernel goes on with that";
    EXPECT_EQ(target_.unit.holder_key(), ours);
}

TEST_F(HeldSession, hears_an_event_that_came_with_an_answer_and_nothing_after_it) {
    keep_held();
    kernel_.next("start", {.before = [&] { kernel_.lose_connection(1015); }});
    kernel_.lose_connection();
    run_until_told({Kind::lost, Kind::back, Kind::lost, Kind::back});
    EXPECT_EQ(keeper_->outages().back().reason, "data digest error");
}

TEST_F(HeldSession, tries_again_when_the_kernel_does_not_tell_its_cmd_sn) {
    keep_held();
    kernel_.next("send login", {.failure = ENOTCONN});
    kernel_.lose_connection();
    run_until_told({Kind::lost, Kind::back});
    EXPECT_EQ(kernel_.count("target: login, CmdSN 4695"), 1);
}

TEST_F(HeldSession, tries_again_when_the_target_hangs_up_over_the_reservation) {
    keep_held();
    target_.unit.unit_attentions = 1;
    kernel_.lose_connection();
    run_until([&] { return kernel_.count("target: reservation read") == 1; });
    target_.hang_up();
    run_until_told({Kind::lost, Kind::back});
    EXPECT_EQ(kernel_.count("start"), 1);
    EXPECT_EQ(target_.unit.holder_key(), ours);
}

TEST_F(HeldSession, never_comes_back_once_another_machine_has_the_disk) {
    target_.unit.registrations = {{-1, another}};
    target_.unit.holder = -1;
    keep_held();
    kernel_.lose_connection();
    run_until_told({Kind::lost, Kind::displaced});
    EXPECT_EQ(kernel_.count("start"), 0);
    EXPECT_EQ(kernel_.steps().back(), "stop recover");
    call([&] { return keeper_->reconnect("somebody wants a new one"), 0; });
    keeper_->network_back();
    run_what_is_due();
    EXPECT_EQ(told_.size(), 2u) << "which is said once";
    EXPECT_EQ(target_.unit.holder_key(), another);
}

}  // namespace
}  // namespace bootwire::keeper
