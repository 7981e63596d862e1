#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <string_view>
#include <vector>

#include "iscsi/frame.h"
#include "iscsi/pdu_scsi.h"
#include "listener.h"
#include "os/fd.h"
#include "session/connect_error.h"
#include "session/discover.h"
#include "session/log_in.h"
#include "session/reserve.h"
#include "session/scsi_disk.h"
#include "topics/topic.h"

namespace bootwire::session {
namespace {

ScsiDevice device(uint64_t lun, unsigned type) {
    return {lun, static_cast<iscsi::PeripheralType>(type), "IET", "THING", ""};
}

TEST(ChooseDevice, takes_the_asked_lun_if_it_is_a_disk) {
    const auto chosen = choose_device({device(0, 12), device(1, 0), device(2, 0)}, {2, false});
    ASSERT_TRUE(chosen);
    EXPECT_EQ(chosen->lun, 2u);
}

TEST(ChooseDevice, takes_the_only_disk_instead_of_a_lun_that_is_none) {
    const auto chosen = choose_device({device(0, 12), device(1, 0)}, {0, false});
    ASSERT_TRUE(chosen);
    EXPECT_EQ(chosen->lun, 1u);
    EXPECT_TRUE(choose_device({device(0, 0)}, {1, false})) << "root paths copied with LUN 1";
}

TEST(ChooseDevice, takes_no_other_disk_when_strict) {
    const auto chosen = choose_device({device(0, 12), device(1, 0)}, {0, true});
    ASSERT_FALSE(chosen);
    EXPECT_NE(chosen.error().what.find("LUN 1: disk"), std::string::npos);
}

TEST(ChooseDevice, lists_the_disks_when_there_are_several) {
    const auto chosen = choose_device({device(0, 12), device(1, 0), device(2, 0)}, {0, false});
    ASSERT_FALSE(chosen);
    EXPECT_NE(chosen.error().what.find("LUN 2: disk"), std::string::npos);
    EXPECT_NE(chosen.error().hint.find("iscsi.lun="), std::string::npos);
}

TEST(ChooseDevice, says_when_there_is_nothing_at_all) {
    for (const auto& chosen :
         {choose_device({}, {0, false}), choose_device({device(0, 12)}, {0, false}),
          choose_device({device(0, 0), device(1, 0)}, {2, false})}) {
        ASSERT_FALSE(chosen);
        EXPECT_EQ(chosen.error().topic, Topic::no_disk);
    }
}

TEST(ChooseAllDisks, takes_them_in_the_order_of_their_luns) {
    const auto chosen = choose_all_disks({device(2, 0), device(0, 12), device(1, 0)});
    ASSERT_TRUE(chosen);
    ASSERT_EQ(chosen->size(), 2u);
    EXPECT_EQ(chosen->front().lun, 1u);
    EXPECT_EQ(chosen->back().lun, 2u);
}

TEST(ChooseAllDisks, says_when_there_is_none) {
    for (const auto& chosen : {choose_all_disks({}), choose_all_disks({device(0, 12)})}) {
        ASSERT_FALSE(chosen);
        EXPECT_EQ(chosen.error().topic, Topic::no_disk);
    }
}

TEST(ConnectError, says_that_nobody_listens_and_that_waiting_may_mend_it) {
    const Endpoint at{IpAddress::v4(192, 168, 1, 10), 3260};
    const Error error = connect_error(at, ECONNREFUSED);
    EXPECT_EQ(error.remedy, Remedy::waiting_helps);
    EXPECT_EQ(error.what, "nothing listens on 192.168.1.10:3260");
    EXPECT_EQ(error.topic, Topic::nothing_listens);
}

TEST(LogIn, to_a_server_that_hangs_up_is_an_error_that_waiting_may_mend) {
    Endpoint at;
    const Fd listener = net::listening(at);
    Account account;
    account.initiator = "iqn.2026-11.local.bootwire:test";
    account.target = "iqn.2026-11.local.bootwire:disk";
    const auto accept_and_close = [&] {
        Fd accepted(accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK));
    };
    const auto login =
        log_in(account, {at.address, at.port},
               {[](const std::string&) -> Result<IpAddress> { return fail("no DNS here"); },
                [&] {
                    static bool accepted = false;
                    if (!accepted) accept_and_close();
                    accepted = true;
                }});
    ASSERT_FALSE(login);
    EXPECT_EQ(login.error().remedy, Remedy::waiting_helps);
    EXPECT_EQ(login.error().topic, Topic::login_breaks_off);
}

/// A portal that has said all it has to say as soon as somebody connects.
class TalkingPortal {
  public:
    explicit TalkingPortal(std::string_view targets) {
        iscsi::LoginResponsePdu login;
        login.transit = true;
        login.next = iscsi::Stage::operational;
        login.exp_cmd_sn = 1;
        login.max_cmd_sn = 10;
        say(login.encode(), {});
        login.current = iscsi::Stage::operational;
        login.next = iscsi::Stage::full_feature;
        login.stat_sn = 1;
        say(login.encode(), {});
        iscsi::TextResponsePdu list;
        list.task_tag = 1;
        list.final = true;
        list.target_transfer_tag = iscsi::reserved_tag;
        list.stat_sn = 2;
        list.exp_cmd_sn = 2;
        list.max_cmd_sn = 11;
        say(list.encode(), targets);
    }

    plan::Portal portal() const { return {at_.address, at_.port}; }
    void accept_and_talk() {
        if (connection_.valid()) return;
        connection_.reset(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK));
        if (!connection_.valid()) return;
        EXPECT_EQ(send(connection_.get(), words_.data(), words_.size(), 0),
                  static_cast<ssize_t>(words_.size()));
    }

  private:
    void say(const iscsi::Bhs& header, std::string_view text) {
        std::vector<uint8_t> frame(iscsi::frame_size(text.size(), {}));
        iscsi::write_frame(header, bytes_of(text), {}, frame);
        words_.insert(words_.end(), frame.begin(), frame.end());
    }

    std::vector<uint8_t> words_;
    Endpoint at_;
    Fd listener_ = net::listening(at_);
    Fd connection_;
};

TEST(Discover, goes_on_at_the_portal_that_answered_whatever_addresses_the_target_has_behind_a_nat) {
    using namespace std::string_view_literals;
    TalkingPortal server("TargetName=iqn.2026-11.example:disk\0TargetAddress=10.0.0.5:3260,1\0"sv);
    Account account;
    account.initiator = "iqn.2026-11.local.bootwire:test";
    const auto found =
        discover_only_target(account, server.portal(),
                             {.resolve = {}, .on_progress = [&] { server.accept_and_talk(); }});
    ASSERT_TRUE(found) << found.error().to_string();
    EXPECT_EQ(found->name, "iqn.2026-11.example:disk");
    EXPECT_EQ(found->portal, server.portal());
    ASSERT_TRUE(found->elsewhere);
    EXPECT_EQ(found->elsewhere->to_string(), "10.0.0.5:3260");
}

/// What becomes of a login whose target has that to say to TEST UNIT READY.
Status tried_out(const iscsi::Sense& sense) {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    const Fd theirs(ends[1]);
    LoggedIn login;
    login.socket.reset(ends[0]);
    login.portal = {IpAddress::v4(10, 0, 0, 1), 3260};
    login.result.exp_stat_sn = 5;
    login.result.cmd_sn = 1;
    iscsi::ScsiResponsePdu response;
    response.task_tag = 0x101;
    response.stat_sn = 5;
    std::vector<uint8_t> data;
    if (sense.key != 0) {
        response.status = static_cast<uint8_t>(iscsi::ScsiStatus::check_condition);
        data.resize(20);
        data[1] = 18;
        data[2] = 0x70;
        data[4] = sense.key;
        data[14] = sense.code;
        data[15] = sense.qualifier;
    }
    std::vector<uint8_t> frame(iscsi::frame_size(data.size(), {}));
    iscsi::write_frame(response.encode(), data, {}, frame);
    EXPECT_EQ(send(theirs.get(), frame.data(), frame.size(), 0), std::ssize(frame));
    const Status done = try_out(login, iscsi::Lun::from_linux(1), {{}, [] {}});
    EXPECT_EQ(login.result.exp_stat_sn, 6u) << "the kernel goes on from there";
    EXPECT_EQ(login.result.cmd_sn, 2u);
    return done;
}

TEST(TryOut, tells_a_portal_on_standby_from_one_by_which_the_disk_is_used) {
    EXPECT_TRUE(tried_out({}));
    EXPECT_TRUE(tried_out({5, 0x25, 0})) << "which LUN is taken is seen later";
    EXPECT_TRUE(tried_out({2, 4, 1})) << "becoming ready: the kernel waits for it";
    const Status standby = tried_out({2, 4, 0x0b});
    ASSERT_FALSE(standby);
    EXPECT_EQ(standby.error().what,
              "10.0.0.1:3260: the disk takes no commands by this portal (sense 2/04/0b)");
    EXPECT_EQ(standby.error().topic, Topic::target_not_ready);
    EXPECT_EQ(standby.error().remedy, Remedy::waiting_helps);
}

TEST(LogIn, to_a_host_name_needs_its_address) {
    const auto resolved = resolve(
        {std::string("nas.lan"), 3260},
        {[](const std::string& host) -> Result<IpAddress> { return fail("no " + host); }, [] {}});
    ASSERT_FALSE(resolved);
    EXPECT_EQ(resolved.error().what, "no nas.lan");
    EXPECT_EQ(resolved.error().topic, Topic::name_unknown);
}

}  // namespace
}  // namespace bootwire::session
