// What just is a usable value of the plan and where each one comes from, one by one.
#include "plan/boot_json.h"
#include "plan/describe.h"
#include "plan/require_name.h"
#include "planned.h"
#include "topics/topic.h"

namespace bootwire::plan {
namespace {

TEST(Sources, are_called_what_a_person_calls_them) {
    const auto server = IpAddress::v4(10, 0, 0, 1);
    EXPECT_EQ(Source{}.to_string(), "the built-in default");
    EXPECT_EQ(Source::board().to_string(), "the board");
    EXPECT_EQ(Source::card().to_string(), "bootwire.txt of the SD card");
    EXPECT_EQ(Source::command_line().to_string(), "the kernel command line");
    EXPECT_EQ(Source::help_disk().to_string(), "bootwire.txt of the help disk");
    EXPECT_EQ(Source::console().to_string(), "the rescue console");
    EXPECT_EQ(Source::dhcp(17, server).to_string(), "DHCP option 17 from 10.0.0.1");
    EXPECT_EQ(Source::dhcp(0, server).to_string(), "the DHCP lease from 10.0.0.1");
    EXPECT_EQ(Source::dhcp(1, {}).to_string(), "DHCP option 1");
    EXPECT_EQ(Source::dhcp(1, *IpAddress::parse("::")).to_string(), "DHCP option 1 from ::");
}

TEST(Defaults, are_those_that_the_settings_page_states) {
    const auto planned = make("iscsi.ip=nas", lease_with(""));
    ASSERT_TRUE(planned.plan);
    EXPECT_EQ(planned->fallback.value, Fallback::none);
    EXPECT_FALSE(planned->strict.value);
    EXPECT_FALSE(planned->usb_read_only.value);
    EXPECT_EQ(planned->exclusive.value, Exclusive::no);
    EXPECT_EQ(planned->overlay.value, OverlayUse{});
    EXPECT_FALSE(planned->seed.value);
    EXPECT_FALSE(planned->named_portals_only.value);
    EXPECT_EQ(planned->shutdown_patience.value, std::chrono::seconds(90));
    EXPECT_EQ(planned->header_digest.value, iscsi::DigestPreference::none_first);
    EXPECT_EQ(planned->data_digest.value, iscsi::DigestPreference::none_first);
    EXPECT_EQ(planned->init.value, "");
    EXPECT_EQ(planned->initramfs.value, InitramfsUse::automatic);
    EXPECT_EQ(planned->modules.value.to_string(), "from where the kernel came");
    EXPECT_TRUE(planned.request.splash.value);
    EXPECT_TRUE(planned.request.rescue_console.value);
    EXPECT_TRUE(planned.request.help_disk.value);
    EXPECT_TRUE(planned.said("LUN 0, from the built-in default"));
    EXPECT_FALSE(planned.said("exclusive")) << "what nobody said is told of mode and LUN alone";
}

TEST(Settings, are_taken_as_they_are_given) {
    const auto planned = make(
        "iscsi.ip=nas iscsi.fallback=pivot iscsi.strict iscsi.usb=ro iscsi.exclusive=preempt "
        "iscsi.initramfs=never iscsi.portals=named iscsi.shutdown=1 iscsi.header_digest=crc32c "
        "iscsi.data_digest=crc32c,none iscsi.init=/bin/x iscsi.recovery=7 bootwire.splash=0 "
        "bootwire.console=off bootwire.help=off bootwire.modules=off",
        lease_with(""));
    ASSERT_TRUE(planned.plan) << planned.plan.error().what;
    EXPECT_EQ(planned->fallback.value, Fallback::pivot);
    EXPECT_TRUE(planned->strict.value);
    EXPECT_TRUE(planned->usb_read_only.value);
    EXPECT_EQ(planned->exclusive.value, Exclusive::preempt);
    EXPECT_TRUE(planned->named_portals_only.value);
    EXPECT_EQ(planned->shutdown_patience.value, std::chrono::seconds(1));
    EXPECT_EQ(planned->header_digest.value, iscsi::DigestPreference::crc32c_only);
    EXPECT_EQ(planned->data_digest.value, iscsi::DigestPreference::crc32c_first);
    EXPECT_EQ(planned->init.value, "/bin/x");
    EXPECT_EQ(planned->initramfs.value, InitramfsUse::never);
    EXPECT_FALSE(planned->modules.value.wanted);
    EXPECT_EQ(planned->recovery.value, std::chrono::seconds(7));
    EXPECT_FALSE(planned.request.splash.value);
    EXPECT_FALSE(planned.request.rescue_console.value);
    EXPECT_FALSE(planned.request.help_disk.value);
    for (const char* line :
         {"fallback pivot", "strict yes", "USB read-only", "exclusive preempt", "recovery 7 s",
          "ways back named portals", "patience at shutdown 1 s", "header digest CRC32C",
          "data digest CRC32C,None", "init /bin/x", "initramfs never", "modules off"}) {
        EXPECT_TRUE(planned.said(std::string(line) + ", from the kernel command line")) << line;
    }
    const auto others =
        make("iscsi.ip=nas iscsi.strict=0 iscsi.usb=rw iscsi.portals=all iscsi.recovery=forever",
             lease_with(""));
    for (const char* line :
         {"strict no", "USB read-write", "recovery forever", "ways back all portals"}) {
        EXPECT_TRUE(others.said(std::string(line) + ", from the kernel command line")) << line;
    }
}

TEST(InitSetting, is_an_absolute_path_of_up_to_255_characters) {
    const auto init = [](const std::string& value) {
        return make("iscsi.ip=nas iscsi.init=" + value, lease_with(""))->init.value;
    };
    const std::string longest = "/" + std::string(254, 'i');
    EXPECT_EQ(init(longest), longest);
    EXPECT_EQ(init(longest + "i"), "");
    for (const char* wrong : {"", "/", "bin/sh", "/sbin/", "\"/a b\"", "/a\"b", "/a\x7f"})
        EXPECT_EQ(init(wrong), "") << wrong;
}

TEST(LunSetting, is_a_number_or_groups) {
    const auto lun = [](const std::string& value) {
        const auto planned = make("iscsi.ip=nas iscsi.lun=" + value, lease_with(""));
        return planned->lun.given() ? planned->lun.value.to_string() : "none";
    };
    EXPECT_EQ(lun("16383"), iscsi::Lun::from_number(16383)->to_string());
    EXPECT_EQ(lun("16384"), "none");
    EXPECT_EQ(lun("0X1f"), lun("31"));
    for (const char* wrong : {"", "0x", "x", "1f", "-"})
        EXPECT_EQ(lun(wrong), "none") << wrong;
}

TEST(LoginTexts, have_up_to_255_characters) {
    const auto login = [](size_t name, size_t secret) {
        return make("iscsi.ip=nas iscsi.username=" + std::string(name, 'n') +
                        " iscsi.password=" + std::string(secret, 's'),
                    lease_with(""))
            .plan.has_value();
    };
    EXPECT_TRUE(login(255, 255));
    EXPECT_TRUE(login(1, 1));
    EXPECT_FALSE(login(256, 255));
    EXPECT_FALSE(login(255, 256));
    EXPECT_FALSE(login(0, 1));
    EXPECT_FALSE(login(1, 0));
}

TEST(LoginTexts, of_which_none_is_usable_are_named_with_their_source) {
    EXPECT_EQ(make("iscsi.ip=nas iscsi.password=*", lease_with("")).plan.error().what,
              "iscsi.password= is given (the kernel command line) and not usable");
    EXPECT_EQ(
        make("iscsi.ip=nas iscsi.username= iscsi.password=", lease_with("")).plan.error().what,
        "iscsi.username= is given (the kernel command line) and not usable");
    EXPECT_EQ(make("iscsi.ip=nas iscsi.password=x", lease_with("")).plan.error().what,
              "iscsi.password= is given (the kernel command line) without a usable "
              "iscsi.username=");
    EXPECT_EQ(make("iscsi.ip=nas iscsi.mutual.username=a iscsi.mutual.password=b", lease_with(""))
                  .plan.error()
                  .what,
              "the target is to prove itself (iscsi.mutual.username=), but there is no login of "
              "our own");
}

TEST(Portals, are_taken_once_and_with_the_nearest_port) {
    const auto portals = [](const std::string& words, const std::string& path) {
        const auto planned = make(words, lease_with(path));
        std::string text;
        for (const Portal& portal : planned->portals.value)
            text += portal.to_string() + " ";
        return text;
    };
    const std::string other = std::string(":1:") + target;
    EXPECT_EQ(portals("iscsi.ip=nas iscsi.ip=nas:3260 iscsi.ip=nas:3261", ""),
              "nas:3260 nas:3261 ");
    EXPECT_EQ(portals("", "iscsi:10.0.0.1::" + other), "10.0.0.1:3260 ");
    EXPECT_EQ(portals("", "iscsi:10.0.0.1::9" + other), "10.0.0.1:9 ");
    EXPECT_EQ(portals("iscsi.port=8", "iscsi:10.0.0.1::9" + other), "10.0.0.1:8 ");
    EXPECT_EQ(portals("iscsi.ip=nas iscsi.port=8", "iscsi:10.0.0.1::9" + other), "nas:8 ");
    EXPECT_EQ(portals("iscsi.ip=nas:7 iscsi.port=8", "iscsi:10.0.0.1::9" + other), "nas:7 ");
    EXPECT_EQ(portals("iscsi.ip=nas", "iscsi:10.0.0.1::" + other), "nas:3260 ");
}

TEST(RootPathServers, that_cannot_be_read_are_left_out_with_a_warning) {
    const auto planned = make("", lease_with(std::string("iscsi:0.0.0.0:::1:") + target +
                                             " iscsi:10.0.0.2:::1:" + target));
    ASSERT_TRUE(planned.plan);
    EXPECT_EQ(planned->portals.value.size(), 1u);
    EXPECT_TRUE(planned.said("the server \"0.0.0.0\" is not usable"));
    EXPECT_TRUE(make("", lease_with("pi:MARKER@x")).said("not shown, since it holds a login"));
    EXPECT_FALSE(make("", lease_with("pi:MARKER@x")).plan);
}

TEST(LeaseFields, are_told_with_the_option_that_they_are_from) {
    auto lease = lease_with(usual_path);
    lease.routers = {IpAddress::v4(192, 168, 1, 254)};
    lease.dns_servers = lease.ntp_servers = {IpAddress::v4(8, 8, 8, 8)};
    lease.host_name = "pi";
    lease.domain_name = "lan";
    lease.mtu = 576;
    const auto planned = make("", lease);
    const NetworkPlan& network = planned->network;
    EXPECT_EQ(network.address.source.dhcp_option, 0);
    EXPECT_EQ(network.address.source.kind, Source::Kind::dhcp);
    EXPECT_EQ(network.routes.source.dhcp_option, 3);
    EXPECT_EQ(network.dns_servers.source.dhcp_option, 6);
    EXPECT_EQ(network.host_name.source.dhcp_option, 12);
    EXPECT_EQ(network.domain_name.source.dhcp_option, 15);
    EXPECT_EQ(network.mtu.source.dhcp_option, 26);
    EXPECT_EQ(network.ntp_servers.source.dhcp_option, 42);
    EXPECT_EQ(network.mtu.value, 576);
    EXPECT_TRUE(planned.report.warnings.empty()) << all(planned.report);
    lease.mtu = 575;
    lease.domain_name = "a b";
    const auto odd = make("", lease);
    EXPECT_TRUE(odd.said("MTU: \"575\" from DHCP option 26"));
    EXPECT_TRUE(odd.said("domain name: \"a b\" from DHCP option 15"));
    EXPECT_EQ(odd->network.domain_name.value, "");
}

TEST(LeaseFields, give_way_to_those_of_the_operator_and_to_a_static_address) {
    auto lease = lease_with(usual_path);
    lease.dns_servers = lease.ntp_servers = {IpAddress::v4(8, 8, 8, 8)};
    lease.host_name = "other";
    const auto planned = make("ip=::::pi:eth1:dhcp:9.9.9.9::9.9.9.8", lease);
    EXPECT_EQ(planned->network.host_name.value, "pi");
    EXPECT_EQ(planned->network.dns_servers.value.front(), IpAddress::v4(9, 9, 9, 9));
    EXPECT_EQ(planned->network.ntp_servers.value.front(), IpAddress::v4(9, 9, 9, 8));
    EXPECT_TRUE(planned.said("interface eth1, from the kernel command line"));
    const auto fixed = make("ip=10.0.0.5::10.0.0.1:8 iscsi.ip=nas", lease);
    EXPECT_EQ(fixed->network.address.value.to_string(), "10.0.0.5/8");
    EXPECT_TRUE(fixed->network.dns_servers.value.empty());
    EXPECT_TRUE(fixed.said("address 10.0.0.5/8, gateway 10.0.0.1, from the kernel command line"));
    EXPECT_TRUE(make("", lease).said("address by DHCP, from"));
}

TEST(ReportedRoutes, are_on_the_link_by_default_or_through_a_router) {
    auto lease = lease_with(usual_path);
    lease.classless_routes = {{*IpPrefix::parse("10.0.0.0/8"), IpAddress{}},
                              {*IpPrefix::parse("0.0.0.0/0"), IpAddress::v4(192, 168, 1, 1)},
                              {*IpPrefix::parse("172.16.0.0/12"), IpAddress::v4(192, 168, 1, 2)}};
    EXPECT_TRUE(
        make("", lease).said("routes 10.0.0.0/8 on the link default via 192.168.1.1 "
                             "172.16.0.0/12 via 192.168.1.2, from DHCP option 121"));
}

TEST(JsonLists, have_commas_between_their_values_alone) {
    auto lease = lease_with(usual_path);
    EXPECT_TRUE(
        plan_json(*make("", lease).plan).contains("\"name_servers\":{\"value\":[],\"source\":"));
    const std::string json = plan_json(*make("iscsi.ip=a", lease).plan);
    EXPECT_TRUE(json.contains("\"portals\":{\"value\":[\"a:3260\"],\"source\":"));
    EXPECT_TRUE(json.contains("},\"log_servers\":{"));
    EXPECT_FALSE(json.contains(",,"));
    EXPECT_TRUE(json.ends_with("}}"));
}

TEST(LongCommandLines, are_said_not_to_be_looked_at_whole) {
    const auto planned = make("iscsi.ip=nas " + std::string(16384, 'x'), lease_with(""));
    EXPECT_TRUE(planned.said(
        "the kernel command line is longer than 16384 bytes or 1024 words; the rest is not"));
    EXPECT_FALSE(make("iscsi.ip=nas", lease_with("")).said("longer"));
}

TEST(InitiatorSerial, is_taken_up_to_128_characters) {
    const std::string prefix = "iqn.2026-11.local.bootwire:";
    EXPECT_EQ(default_initiator_name({std::string(129, '9'), {}}), prefix + std::string(128, '9'));
    EXPECT_EQ(default_initiator_name({"A-b.c", {}}), prefix + "a-b.c");
    EXPECT_EQ(default_initiator_name({"1", MacAddress::parse("DC:A6:32:01:02:03")}), prefix + "1");
}

TEST(NamesThatAreNone, are_told_with_the_reason) {
    const std::pair<std::string, const char*> names[] = {
        {"", "target name is empty"},
        {"iqn.2024-01.a:" + std::string(210, 'x'), "is longer than 223 bytes"},
        {"abc.2024-01.a:b", "does not begin with iqn., eui. or naa."},
        {"iqn.2024.a:b", "has no date of the form YYYY-MM after iqn."},
        {"iqn.2024-01.", "has no domain name after the date"},
        {"eui.0123", "has the wrong number of hexadecimal digits"}};
    for (const auto& [name, why] : names) {
        const auto status = require_name("target name", name);
        ASSERT_FALSE(status) << name;
        EXPECT_TRUE(status.error().what.ends_with(why)) << status.error().what;
    }
    EXPECT_TRUE(require_name("target name", "iqn.2024-01.a:" + std::string(209, 'x')));
}

}  // namespace
}  // namespace bootwire::plan
