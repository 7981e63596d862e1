#include "planned.h"
#include "topics/topic.h"

namespace bootwire::plan {
namespace {

struct Malformed {
    const char* word;
    const char* key;
    const char* value;
};

TEST(Malformed, values_are_named_with_source_and_form_and_the_next_source_counts) {
    auto lease = lease_with(usual_path);
    lease.boot_mode = "usb";
    lease.initiator_name = "iqn.2024-01.lan.home:me";
    lease.dns_servers = {IpAddress::v4(8, 8, 8, 8)};
    const std::array cases{
        Malformed{"iscsi.ip=300.1.2.3", "iscsi.ip", "300.1.2.3"},
        Malformed{"iscsi.target=banana", "iscsi.target", "banana"},
        Malformed{"iscsi.port=70000", "iscsi.port", "70000"},
        Malformed{"iscsi.lun=banana", "iscsi.lun", "banana"},
        Malformed{"iscsi.mode=teleport", "iscsi.mode", "teleport"},
        Malformed{"iscsi.initiator=me", "iscsi.initiator", "me"},
        Malformed{"iscsi.root=/dev/nfs", "iscsi.root", "/dev/nfs"},
        Malformed{"iscsi.init=sh", "iscsi.init", "sh"},
        Malformed{"iscsi.initramfs=perhaps", "iscsi.initramfs", "perhaps"},
        Malformed{"bootwire.modules=ftp://nas/m", "bootwire.modules", "ftp://nas/m"},
        Malformed{"rootflags=\"a b\"", "rootflags", "a b"},
        Malformed{"iscsi.strict=maybe", "iscsi.strict", "maybe"},
        Malformed{"iscsi.recovery=long", "iscsi.recovery", "long"},
        Malformed{"iscsi.exclusive=perhaps", "iscsi.exclusive", "perhaps"},
        Malformed{"iscsi.header_digest=md5", "iscsi.header_digest", "md5"},
        Malformed{"iscsi.data_digest=md5", "iscsi.data_digest", "md5"},
        Malformed{"ip=192.168", "ip", "192.168"},
        Malformed{"vlan=5000", "vlan", "5000"},
        Malformed{"dns=nas", "dns", "nas"},
    };
    const auto before = make("", lease);
    for (const Malformed& item : cases) {
        const auto planned = make(item.word, lease);
        ASSERT_TRUE(planned.plan) << item.word;
        EXPECT_EQ(planned.report.lines, before.report.lines) << item.word;
        ASSERT_EQ(planned.report.warnings.size(), 1u) << all(planned.report);
        const std::string& warning = planned.report.warnings.front();
        EXPECT_TRUE(warning.starts_with(std::string(item.key) + ": \"" + item.value +
                                        "\" from the kernel command line is not usable"))
            << warning;
        EXPECT_TRUE(
            warning.contains(std::string("; expected ") + std::string(find_key(item.key)->form)))
            << warning;
    }
}

TEST(Malformed, empty_values_are_malformed_too) {
    const auto planned = make("iscsi.port=", lease_with(usual_path));
    EXPECT_TRUE(planned.said("iscsi.port: the empty value from the kernel command line"));
}

TEST(Malformed, mode_in_dhcp_says_which_are_known_and_pivots) {
    auto lease = lease_with(usual_path);
    lease.boot_mode = "teleport";
    const auto planned = make("", lease);
    EXPECT_EQ(planned->mode.value, Mode::pivot);
    EXPECT_TRUE(
        planned.said("iscsi.mode: \"teleport\" from DHCP option 224 from 192.168.1.1 is "
                     "not usable; expected one of pivot, kexec, usb"));
    EXPECT_TRUE(planned.said("mode pivot, from the built-in default"));
}

TEST(Malformed, initiator_name_in_dhcp_gives_way_to_the_boards) {
    auto lease = lease_with(usual_path);
    lease.initiator_name = "nonsense";
    const auto planned = make("", lease);
    EXPECT_EQ(planned->initiator.value, "iqn.2026-11.local.bootwire:10000000abcdef01");
    EXPECT_TRUE(planned.said("iscsi.initiator: \"nonsense\" from DHCP option 203"));
}

TEST(Malformed, root_paths_are_left_out_with_a_warning) {
    const auto planned = make("iscsi.ip=10.0.0.1", lease_with("nfs:/export"));
    ASSERT_TRUE(planned.plan);
    EXPECT_TRUE(planned.said("warning: DHCP option 17 from 192.168.1.1: "));
}

TEST(Malformed, entries_of_a_list_do_not_take_the_good_ones_with_them) {
    const auto planned =
        make("iscsi.ip=nas:0 iscsi.ip=10.0.0.2 iscsi.ip=10.0.0.1:3261", lease_with(usual_path));
    ASSERT_EQ(planned->portals.value.size(), 2u);
    EXPECT_EQ(planned->portals.value[0].to_string(), "10.0.0.2:3260");
    EXPECT_EQ(planned->portals.value[1].to_string(), "10.0.0.1:3261");
    EXPECT_EQ(planned.report.warnings.size(), 1u);
}

TEST(Malformed, mtu_and_host_name_of_dhcp_are_left_out) {
    auto lease = lease_with(usual_path);
    lease.mtu = 68;
    lease.host_name = "not a name";
    const auto planned = make("", lease);
    EXPECT_FALSE(planned->network.mtu.value);
    EXPECT_EQ(planned->network.host_name.value, "");
    EXPECT_EQ(planned.report.warnings.size(), 2u) << all(planned.report);
}

TEST(Malformed, target_name_without_another_is_an_error_and_not_discovery) {
    const auto planned = make("iscsi.ip=10.0.0.1 iscsi.target=banana", lease_with(""));
    ASSERT_FALSE(planned.plan);
    EXPECT_EQ(planned.plan.error().what, "a target is named, but not in a usable form");
    EXPECT_EQ(planned.plan.error().topic, Topic::unusable_setting);
    const auto from_dhcp = make("", lease_with("iscsi:10.0.0.1:::0:banana"));
    ASSERT_FALSE(from_dhcp.plan);
    const auto mended =
        make("iscsi.target=iqn.2024-01.a:b", lease_with("iscsi:10.0.0.1:::0:banana"));
    ASSERT_TRUE(mended.plan);
    EXPECT_EQ(mended->portals.value.front().to_string(), "10.0.0.1:3260");
}

std::string overlay_error(const std::string& line) {
    const auto planned = make(line, lease_with(usual_path));
    if (planned.plan) return {};
    EXPECT_EQ(planned.plan.error().topic, Topic::unusable_setting);
    return planned.plan.error().what;
}

TEST(OverlaySetting, that_nobody_understands_does_not_leave_the_disk_to_be_written_to) {
    EXPECT_EQ(overlay_error("iscsi.overlay=rma"),
              "iscsi.overlay= is there, but not in a usable form: the disk would be written to");
    EXPECT_EQ(overlay_error("iscsi.overlay=rma iscsi.overlay=no"), "");
}

TEST(OverlaySetting, in_memory_goes_with_pivot_and_a_disk_that_all_may_have) {
    const auto planned = make("iscsi.overlay=ram,512M iscsi.seed=1", lease_with(usual_path));
    ASSERT_TRUE(planned.plan) << planned.plan.error().what;
    EXPECT_EQ(planned->overlay.value, (OverlayUse{true, 512 << 20}));
    EXPECT_TRUE(planned->seed.value);
    EXPECT_TRUE(planned.said("overlay ram,512M, from the kernel command line"));
    EXPECT_TRUE(planned.said("seed yes, from the kernel command line"));
    EXPECT_EQ(overlay_error("iscsi.overlay=ram iscsi.exclusive=1"),
              "iscsi.overlay=ram from the kernel command line leaves the disk to any number of "
              "Pis, and iscsi.exclusive= from the kernel command line reserves it for one");
    for (const std::string mode : {"kexec", "usb"}) {
        EXPECT_EQ(overlay_error("iscsi.overlay=ram iscsi.mode=" + mode),
                  "iscsi.overlay=ram from the kernel command line needs bootwire's kernel, and "
                  "iscsi.mode=" +
                      mode + " from the kernel command line leads elsewhere");
    }
    EXPECT_EQ(overlay_error("iscsi.overlay=no iscsi.mode=kexec iscsi.exclusive=1"), "");
}

TEST(UnknownKeys, are_pointed_out_with_the_nearest_name) {
    const auto planned =
        make("iscsi.tarket=x bootwire.nonsense=1 foo.bar=2 quiet", lease_with(usual_path));
    ASSERT_EQ(planned.report.warnings.size(), 2u);
    EXPECT_EQ(planned.report.warnings[0],
              "the kernel command line has \"iscsi.tarket\", which bootwire does not know; do you "
              "mean iscsi.target=?");
    EXPECT_EQ(planned.report.warnings[1],
              "the kernel command line has \"bootwire.nonsense\", which bootwire does not know");
}

}  // namespace
}  // namespace bootwire::plan
