#include "kexec/directions.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace bootwire::kexec {
namespace {

const InitramfsAbility open_iscsi{true, false, 1};
const InitramfsAbility dracut{false, true, 1};

DiskAccess access() {
    DiskAccess access;
    access.initiator = "iqn.2024-01.lan.home:pi4";
    access.target = "iqn.2024-01.lan.home:pi4-root";
    access.portal = {IpAddress::v4(192, 168, 1, 10), 3260};
    access.portal_group = 1;
    access.lun = *iscsi::Lun::from_number(26);
    access.mac = {{0xdc, 0xa6, 0x32, 1, 2, 3}};
    return access;
}

std::string words(const InitramfsAbility& ability, const DiskAccess& access) {
    const auto directions = directions_for(ability, access);
    return directions ? join(directions->words, " ") : directions.error().what;
}

TEST(Directions, for_debians_open_iscsi) {
    EXPECT_EQ(words(open_iscsi, access()),
              "ip=dhcp BOOTIF=01-dc-a6-32-01-02-03 ISCSI_INITIATOR=iqn.2024-01.lan.home:pi4 "
              "ISCSI_TARGET_NAME=iqn.2024-01.lan.home:pi4-root ISCSI_TARGET_IP=192.168.1.10 "
              "ISCSI_TARGET_PORT=3260 ISCSI_TARGET_GROUP=1");
    EXPECT_EQ(directions_for(open_iscsi, access())->archive, "");
}

TEST(Directions, for_dracut) {
    EXPECT_EQ(words(dracut, access()),
              "ip=dhcp BOOTIF=01-dc-a6-32-01-02-03 rd.neednet=1 "
              "rd.iscsi.initiator=iqn.2024-01.lan.home:pi4 "
              "netroot=iscsi:192.168.1.10:6:3260:1a:iqn.2024-01.lan.home:pi4-root");
}

TEST(Directions, of_a_static_address) {
    DiskAccess with = access();
    with.static_address = IpPrefix{IpAddress::v4(192, 168, 1, 20), 22};
    with.host_name = "pi4";
    EXPECT_TRUE(
        words(open_iscsi, with).starts_with("ip=192.168.1.20:::255.255.252.0:pi4::off BOOTIF="));
    with.router = IpAddress::v4(192, 168, 1, 1);
    with.dns_servers = {IpAddress::v4(1, 1, 1, 1), IpAddress::v4(2, 2, 2, 2),
                        IpAddress::v4(3, 3, 3, 3)};
    EXPECT_TRUE(
        words(dracut, with)
            .starts_with(
                "ip=192.168.1.20::192.168.1.1:255.255.252.0:pi4::off:1.1.1.1:2.2.2.2 BOOTIF="));
}

TEST(Directions, keep_secrets_off_the_command_line) {
    DiskAccess with = access();
    with.chap = plan::ChapLogin{"pi", plan::Secret("it's MARKER")};
    with.mutual_chap = plan::ChapLogin{"nas", plan::Secret("MARKER2")};
    const auto directions = directions_for(open_iscsi, with);
    ASSERT_TRUE(directions);
    EXPECT_FALSE(join(directions->words, " ").contains("MARKER"));
    EXPECT_TRUE(directions->archive.contains("etc/iscsi.initramfs"));
    EXPECT_TRUE(
        directions->archive.contains("ISCSI_USERNAME='pi'\n"
                                     "ISCSI_PASSWORD='it'\\''s MARKER'\n"
                                     "ISCSI_IN_USERNAME='nas'\n"
                                     "ISCSI_IN_PASSWORD='MARKER2'\n"));
    EXPECT_TRUE(directions->archive.contains("00008180")) << "mode 0600";
}

TEST(Directions, for_dracut_keep_secrets_off_the_command_line_or_say_why_not) {
    DiskAccess with = access();
    with.chap = plan::ChapLogin{"pi", plan::Secret("MARKER")};
    const auto directions = directions_for(dracut, with);
    ASSERT_TRUE(directions);
    EXPECT_FALSE(join(directions->words, " ").contains("MARKER"));
    EXPECT_TRUE(directions->archive.contains("rd.iscsi.username=pi\nrd.iscsi.password=MARKER\n"));
    with.chap = plan::ChapLogin{"pi", plan::Secret("two MARKER")};
    const auto refused = directions_for(dracut, with);
    ASSERT_FALSE(refused);
    EXPECT_FALSE(refused.error().what.contains("MARKER"));
}

TEST(Directions, tell_no_secret_that_would_be_lines_of_its_own) {
    for (const std::string_view secret : {std::string_view("a\nrd.break"),
                                          std::string_view("a\x01"), std::string_view("a\0b", 3)}) {
        DiskAccess with = access();
        with.chap = plan::ChapLogin{"pi", plan::Secret(secret)};
        EXPECT_FALSE(directions_for(dracut, with)) << secret;
        with.chap = plan::ChapLogin{std::string(secret), plan::Secret("0123456789abc")};
        EXPECT_FALSE(directions_for(dracut, with)) << secret;
    }
    DiskAccess with = access();
    with.chap = plan::ChapLogin{"pi", plan::Secret({"a\0b", 3})};
    EXPECT_FALSE(directions_for(open_iscsi, with)) << "a shell leaves NULs out";
    with.chap = plan::ChapLogin{"pi", plan::Secret("a\nb")};
    EXPECT_TRUE(directions_for(open_iscsi, with));
    with.chap = plan::ChapLogin{"pi", plan::Secret("gr\xc3\xbc\xc3\x9f")};
    EXPECT_TRUE(directions_for(dracut, with));
}

TEST(Directions, are_words_that_stay_whole_on_a_command_line) {
    for (const char* name : {"iqn.2024-01.lan.home:a init=/bin/sh", "iqn.2024-01.lan.home:\n",
                             "iqn.2024-01.lan.home:\"", "iqn.2024-01.lan.home:\xa0x"}) {
        for (const auto& ability : {open_iscsi, dracut}) {
            DiskAccess with = access();
            with.target = name;
            EXPECT_FALSE(directions_for(ability, with)) << name;
            with = access();
            with.initiator = name;
            EXPECT_FALSE(directions_for(ability, with)) << name;
            with = access();
            with.static_address = IpPrefix{IpAddress::v4(192, 168, 1, 20), 22};
            with.host_name = name;
            EXPECT_FALSE(directions_for(ability, with)) << name;
        }
    }
}

TEST(Directions, say_what_such_an_initramfs_cannot_be_told) {
    DiskAccess with = access();
    with.has_vlan = true;
    EXPECT_TRUE(words(open_iscsi, with).contains("VLAN"));
    with = access();
    with.portal.address = *IpAddress::parse("fd00::1");
    EXPECT_TRUE(words(dracut, with).contains("IPv6"));
}

}  // namespace
}  // namespace bootwire::kexec
