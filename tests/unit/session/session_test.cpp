#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>

#include "listener.h"
#include "os/fd.h"
#include "session/connect_error.h"
#include "session/log_in.h"
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
