#include "plan/boot_json.h"
#include "planned.h"
#include "topics/topic.h"

namespace bootwire::plan {
namespace {

TEST(Plan, comes_from_dhcp_alone) {
    auto lease = lease_with(usual_path);
    lease.boot_mode = "usb";
    lease.initiator_name = "iqn.2024-01.lan.home:me";
    lease.host_name = "pi4";
    lease.mtu = 1400;
    lease.routers = {IpAddress::v4(192, 168, 1, 254)};
    const auto planned = make("console=ttyS0 iscsi.strict=0", lease);
    ASSERT_TRUE(planned.plan) << planned.plan.error().to_string();
    EXPECT_EQ(planned->mode.value, Mode::usb);
    EXPECT_EQ(planned->portals.value.front().to_string(), "192.168.1.10:3260");
    EXPECT_EQ(planned->target.value, target);
    EXPECT_EQ(planned->lun.value.to_string(), "1");
    EXPECT_TRUE(planned->lun.given());
    EXPECT_EQ(planned->initiator.value, "iqn.2024-01.lan.home:me");
    EXPECT_EQ(planned->network.host_name.value, "pi4");
    EXPECT_EQ(planned->network.mtu.value, 1400);
    EXPECT_EQ(planned->network.address.value.to_string(), "192.168.1.77/24");
    EXPECT_TRUE(
        planned.said("target " + std::string(target) + ", from DHCP option 17 from 192.168.1.1"));
    EXPECT_TRUE(planned.said("mode usb, from DHCP option 224 from 192.168.1.1"));
    EXPECT_TRUE(planned.said("initiator iqn.2024-01.lan.home:me, from DHCP option 203"));
    EXPECT_TRUE(planned.said("routes default via 192.168.1.254, from DHCP option 3"));
    EXPECT_TRUE(planned.report.warnings.empty()) << all(planned.report);
}

TEST(Plan, has_defaults_for_what_nobody_says) {
    const auto planned = make("iscsi.ip=nas.lan", lease_with(""));
    ASSERT_TRUE(planned.plan);
    EXPECT_EQ(planned->mode.value, Mode::pivot);
    EXPECT_EQ(planned->portals.value.front().port, 3260);
    EXPECT_FALSE(planned->target.value) << "discovery";
    EXPECT_EQ(planned->lun.value, iscsi::Lun{});
    EXPECT_FALSE(planned->lun.given());
    EXPECT_EQ(planned->initiator.value, "iqn.2026-11.local.bootwire:10000000abcdef01");
    EXPECT_FALSE(planned->recovery.value);
    EXPECT_FALSE(planned->chap);
    EXPECT_FALSE(planned->root);
    EXPECT_TRUE(planned.said("mode pivot, from the built-in default"));
}

struct Precedence {
    const char* words;
    const char* expected_line;
};

TEST(Precedence, of_the_command_line_over_dhcp_holds_for_each_field_by_itself) {
    auto lease = lease_with("iscsi:192.168.1.10::3999:7:iqn.2024-01.lan.home:other");
    lease.boot_mode = "usb";
    lease.initiator_name = "iqn.2024-01.lan.home:me";
    lease.host_name = "other";
    lease.dns_servers = {IpAddress::v4(8, 8, 8, 8)};
    lease.ntp_servers = {IpAddress::v4(8, 8, 8, 8)};
    const std::array cases{
        Precedence{"iscsi.ip=10.0.0.1", "portals 10.0.0.1:3999, from the kernel command line"},
        Precedence{"iscsi.ip=10.0.0.1:3000", "portals 10.0.0.1:3000, from the kernel command"},
        Precedence{"iscsi.port=3260", "portals 192.168.1.10:3260, from DHCP option 17"},
        Precedence{"iscsi.target=iqn.2024-01.lan.home:mine",
                   "target iqn.2024-01.lan.home:mine, from the kernel command line"},
        Precedence{"iscsi.lun=1", "LUN 1, from the kernel command line"},
        Precedence{"rootflags=subvol=root", "root flags subvol=root, from the kernel command line"},
        Precedence{"iscsi.mode=kexec", "mode kexec, from the kernel command line"},
        Precedence{"iscsi.initiator=iqn.2024-01.lan.home:i",
                   "initiator iqn.2024-01.lan.home:i, from the kernel command line"},
        Precedence{"dns=10.0.0.2", "name servers 10.0.0.2, from the kernel command line"},
        Precedence{"ip=::::mine::dhcp", "host name mine, from the kernel command line"},
        Precedence{"ip=:::::::::10.0.0.3", "time servers 10.0.0.3, from the kernel command"},
    };
    const auto before = make("", lease);
    for (const Precedence& item : cases) {
        const auto planned = make(item.words, lease);
        ASSERT_TRUE(planned.plan) << item.words;
        EXPECT_TRUE(planned.said(item.expected_line)) << item.words << '\n' << all(planned.report);
        // All other fields are as before.
        size_t same = 0;
        for (const auto& line : planned.report.lines)
            same += std::ranges::count(before.report.lines, line);
        EXPECT_GE(same + 2, before.report.lines.size()) << item.words << '\n'
                                                        << all(planned.report);
    }
}

TEST(Precedence, of_later_words_over_earlier_ones) {
    const auto planned = make("iscsi.lun=1 iscsi.lun=2", lease_with(usual_path));
    EXPECT_EQ(planned->lun.value.to_string(), "2");
}

TEST(Precedence, puts_the_mask_of_a_static_address_before_a_lease) {
    const auto planned = make("ip=10.0.0.5::10.0.0.1:255.0.0.0 iscsi.ip=10.0.0.1", std::nullopt);
    ASSERT_TRUE(planned.plan);
    EXPECT_EQ(planned->network.address.value.to_string(), "10.0.0.5/8");
    EXPECT_EQ(planned->network.routes.value.front().router.to_string(), "10.0.0.1");
    EXPECT_EQ(planned.request.network.address.value->address.to_string(), "10.0.0.5/8");
}

TEST(Precedence, of_classless_routes_over_the_router_option) {
    auto lease = lease_with(usual_path);
    lease.routers = {IpAddress::v4(192, 168, 1, 254)};
    lease.classless_routes = {{*IpPrefix::parse("10.0.0.0/8"), IpAddress::v4(192, 168, 1, 2)}};
    const auto planned = make("", lease);
    ASSERT_EQ(planned->network.routes.value.size(), 1u);
    EXPECT_EQ(planned->network.routes.source.dhcp_option, 121);
}

TEST(LaterLease, names_servers_and_a_domain_unless_the_operator_has) {
    NetworkPlan plan;
    const Field<std::vector<IpAddress>>& servers = plan.dns_servers;
    const Field<std::string>& domain = plan.domain_name;
    dhcp::Lease lease = lease_with("");
    EXPECT_FALSE(plan.follow(lease)) << "it says nothing";
    lease.dns_servers = {IpAddress::v4(192, 168, 1, 9)};
    EXPECT_TRUE(plan.follow(lease)) << "the first one had none";
    EXPECT_EQ(servers.value, lease.dns_servers);
    EXPECT_FALSE(plan.follow(lease)) << "nothing new";
    lease.domain_name = "home";
    EXPECT_TRUE(plan.follow(lease));
    EXPECT_EQ(domain.value, "home");
    EXPECT_EQ(domain.source.dhcp_option, 15);
    lease.domain_name = "not\nusable";
    lease.dns_servers.clear();
    EXPECT_FALSE(plan.follow(lease)) << "takes none away";
    EXPECT_EQ(domain.value, "home");
    plan.dns_servers = {{IpAddress::v4(10, 0, 0, 1)}, Source::command_line()};
    lease.dns_servers = {IpAddress::v4(192, 168, 1, 8)};
    EXPECT_FALSE(plan.follow(lease));
    EXPECT_EQ(servers.value.front(), IpAddress::v4(10, 0, 0, 1));
}

TEST(RootPaths, several_are_several_portals_of_one_disk) {
    const std::string t = target;
    const auto planned =
        make("", lease_with("iscsi:10.0.0.1:::1:" + t + " iscsi:[fd00::1]::3261:1:" + t +
                            " iscsi:10.0.0.3:::1:iqn.2024-01.other:x"));
    ASSERT_EQ(planned->portals.value.size(), 2u);
    EXPECT_EQ(planned->portals.value[1].to_string(), "[fd00::1]:3261");
    EXPECT_EQ(planned.report.warnings.size(), 1u);
    EXPECT_TRUE(planned.said("is not the disk of the first one"));
}

TEST(RootPaths, name_the_same_target_in_upper_and_in_lower_case) {
    const auto planned = make("", lease_with("iscsi:10.0.0.1:::1:iqn.2024-01.lan.home:Pi4 "
                                             "iscsi:10.0.0.2:::1:IQN.2024-01.LAN.home:pI4"));
    ASSERT_TRUE(planned.plan);
    ASSERT_EQ(planned->portals.value.size(), 2u);
    EXPECT_EQ(planned->portals.value[1].to_string(), "10.0.0.2:3260");
    EXPECT_EQ(planned->target.value, "iqn.2024-01.lan.home:Pi4") << "as the first one spells it";
    EXPECT_TRUE(planned.report.warnings.empty()) << all(planned.report);
}

TEST(RootPaths, have_luns_in_hexadecimal_and_the_command_line_in_decimal) {
    const auto path = lease_with(std::string("iscsi:10.0.0.1:::10:") + target);
    EXPECT_EQ(make("", path)->lun.value.number(), 16u);
    EXPECT_EQ(make("iscsi.lun=10", path)->lun.value.number(), 10u);
    EXPECT_EQ(make("iscsi.lun=0x10", path)->lun.value.number(), 16u);
    EXPECT_EQ(make("iscsi.lun=0010-0-0-0", path)->lun.value.number(), 16u);
}

TEST(Offers, without_option_17_are_worth_the_less_the_more_only_it_can_tell) {
    const auto worth = [](const char* line) {
        return make(line, lease_with("")).request.network.root_path;
    };
    EXPECT_EQ(worth(""), dhcp::RootPathPolicy::required);
    EXPECT_EQ(worth("iscsi.target=iqn.2024-01.a:b"), dhcp::RootPathPolicy::required);
    EXPECT_EQ(worth("iscsi.ip=10.0.0.1"), dhcp::RootPathPolicy::preferred);
    EXPECT_EQ(worth("iscsi.ip=10.0.0.1 iscsi.target=iqn.2024-01.a:b"),
              dhcp::RootPathPolicy::ignored);
}

TEST(Server, has_to_be_named_by_somebody) {
    const auto nothing = make("iscsi.target=iqn.2024-01.a:b", lease_with(""));
    ASSERT_FALSE(nothing.plan);
    EXPECT_EQ(nothing.plan.error().what,
              "nothing names an iSCSI server: the kernel command line has no usable iscsi.ip=, and "
              "DHCP from 192.168.1.1 has no option 17; iscsi.target= alone is not enough");
    EXPECT_EQ(nothing.plan.error().remedy, Remedy::waiting_helps);
    EXPECT_EQ(nothing.plan.error().topic, Topic::no_server_named);
    EXPECT_EQ(nothing.request.network.root_path, dhcp::RootPathPolicy::required);

    const auto fixed = make("ip=10.0.0.5", std::nullopt);
    ASSERT_FALSE(fixed.plan);
    EXPECT_TRUE(fixed.plan.error().what.contains("the address is static"));
    EXPECT_EQ(fixed.plan.error().remedy, Remedy::operator_must_act);

    const auto empty = make("", lease_with(std::string("iscsi:::::") + target));
    ASSERT_FALSE(empty.plan);
    EXPECT_TRUE(empty.plan.error().what.contains("no usable server in option 17"));
}

std::string log_servers_of(const std::string& words, const dhcp::Lease& lease) {
    const auto planned = make(words, lease);
    EXPECT_TRUE(planned.plan);
    std::string servers;
    for (const Portal& server : planned->network.log_servers.value)
        servers += server.to_string() + " ";
    return servers;
}

TEST(LogServers, come_from_the_command_line_else_from_dhcp) {
    auto lease = lease_with(usual_path);
    EXPECT_EQ(log_servers_of("", lease), "");
    lease.log_servers = {IpAddress::v4(10, 0, 0, 7), IpAddress::v4(10, 0, 0, 8)};
    EXPECT_EQ(log_servers_of("", lease), "10.0.0.7:514 10.0.0.8:514 ");
    EXPECT_EQ(log_servers_of("bootwire.log=logs.lan bootwire.log=10.0.0.9:1514", lease),
              "logs.lan:514 10.0.0.9:1514 ");
    EXPECT_EQ(make("", lease)->network.log_servers.source.dhcp_option, 7);
    EXPECT_EQ(log_servers_of("bootwire.log=off", lease), "");
    EXPECT_EQ(log_servers_of("bootwire.log=logs.lan bootwire.log=off", lease), "");
    EXPECT_EQ(log_servers_of("bootwire.log=off bootwire.log=logs.lan", lease), "logs.lan:514 ");
    const auto malformed = make("bootwire.log=a..b", lease);
    ASSERT_TRUE(malformed.plan);
    EXPECT_EQ(malformed->network.log_servers.value.front().to_string(), "10.0.0.7:514");
    EXPECT_EQ(malformed.report.warnings.size(), 1u);
}

TEST(Login, is_taken_from_the_command_line_or_the_root_path) {
    const auto line = make(
        "iscsi.username=pi iscsi.password=MARKER1 iscsi.mutual.username=nas "
        "iscsi.mutual.password=MARKER2",
        lease_with(usual_path));
    ASSERT_TRUE(line.plan && line->chap && line->mutual_chap);
    EXPECT_EQ(line->chap->value.name, "pi");
    EXPECT_EQ(line->chap->value.secret.reveal(), "MARKER1");
    EXPECT_EQ(line->mutual_chap->value.secret.reveal(), "MARKER2");

    const auto path =
        make("", lease_with(std::string("iscsi:pi:MARKER1:nas:MARKER2@10.0.0.1:::1:") + target));
    ASSERT_TRUE(path.plan && path->chap && path->mutual_chap) << all(path.report);
    EXPECT_EQ(path->chap->value.secret.reveal(), "MARKER1");
    EXPECT_EQ(path->mutual_chap->value.name, "nas");
    EXPECT_EQ(path->portals.value.front().to_string(), "10.0.0.1:3260");
}

TEST(Login, by_halves_is_an_error) {
    const auto no_secret = make("iscsi.username=pi", lease_with(usual_path));
    ASSERT_FALSE(no_secret.plan);
    EXPECT_EQ(no_secret.plan.error().topic, Topic::unusable_setting);
    EXPECT_EQ(no_secret.plan.error().what,
              "iscsi.username= is given (the kernel command line) without a usable "
              "iscsi.password=");
    EXPECT_FALSE(make("iscsi.password=x", lease_with(usual_path)).plan);
    EXPECT_FALSE(
        make("iscsi.mutual.username=a iscsi.mutual.password=b", lease_with(usual_path)).plan)
        << "mutual CHAP needs a login of our own";
    EXPECT_FALSE(make("iscsi.username=pi iscsi.password=*", lease_with(usual_path)).plan)
        << "the kernel's blank is not a secret";
}

TEST(Login, begun_by_the_operator_is_not_completed_by_dhcp) {
    const std::string path = std::string("iscsi:eve:rogue1:nas:rogue2@10.0.0.1:::1:") + target;
    for (const char* line :
         {"iscsi.username=pi iscsi.password=s iscsi.mutual.username=nas",
          "iscsi.username=pi iscsi.password=s iscsi.mutual.password=t", "iscsi.username=pi",
          "iscsi.password=s", "iscsi.username= iscsi.password=",
          "iscsi.username=pi iscsi.password=s iscsi.mutual.username=nas iscsi.mutual.password=*"}) {
        const auto planned = make(line, lease_with(path));
        ASSERT_FALSE(planned.plan) << line;
        EXPECT_EQ(planned.plan.error().topic, Topic::unusable_setting);
        EXPECT_NE(planned.plan.error().what.find("is given (the kernel command line)"),
                  std::string::npos)
            << planned.plan.error().what;
    }
    const auto own = make("iscsi.username=pi iscsi.password=s", lease_with(path));
    ASSERT_TRUE(own.plan && own->chap && own->mutual_chap) << all(own.report);
    EXPECT_EQ(own->chap->source.kind, Source::Kind::command_line);
    EXPECT_EQ(own->mutual_chap->source.kind, Source::Kind::dhcp);
}

TEST(Mode, usb_is_not_for_dhcp_to_choose_where_the_target_has_to_prove_itself) {
    auto lease = lease_with(usual_path);
    lease.boot_mode = "usb";
    const std::string proof =
        "iscsi.username=pi iscsi.password=s iscsi.mutual.username=nas iscsi.mutual.password=t";
    const auto refused = make(proof, lease);
    ASSERT_TRUE(refused.plan);
    EXPECT_EQ(refused->mode.value, Mode::pivot);
    EXPECT_TRUE(refused.said("iscsi.mode=usb there allows it")) << all(refused.report);
    EXPECT_EQ(make(proof + " iscsi.mode=usb", lease)->mode.value, Mode::usb);
    EXPECT_EQ(make("iscsi.username=pi iscsi.password=s", lease)->mode.value, Mode::usb);
    lease.boot_mode = "kexec";
    EXPECT_EQ(make(proof, lease)->mode.value, Mode::kexec);
    // Proof that DHCP alone asks for is no distrust of it.
    auto by_dhcp = lease_with(std::string("iscsi:pi:s:nas:t@10.0.0.1:::1:") + target);
    by_dhcp.boot_mode = "usb";
    EXPECT_EQ(make("", by_dhcp)->mode.value, Mode::usb);
}

TEST(Secrets, are_in_no_message_and_no_json) {
    const std::string secret =
        "iscsi.username=pi iscsi.password=MARKER iscsi.mutual.username=nas "
        "iscsi.mutual.password=MARKER iscsi.pasword=MARKER ";
    const auto path = "iscsi:pi:MARKER@10.0.0.1:::1:" + std::string(target);
    const std::array leases{lease_with(usual_path),
                            lease_with(path),
                            lease_with("iscsi:pi:MARKER@:::zz:x"),
                            lease_with("pi:MARKER@x"),
                            lease_with(path + " iscsi:a:MARKER@10.0.0.2:::2:iqn.2024-01.b:c"),
                            lease_with("iscsi:pi:MARKER MARKER@10.0.0.1:::1:x")};
    for (const auto& lease : leases) {
        for (const std::string& line :
             {secret, std::string(), std::string("iscsi.mutual.password=MARKER"),
              "iscsi.ip=10.0.0.1 iscsi.password=" + std::string(300, 'x') + "MARKER"}) {
            const auto planned = make(line, lease);
            EXPECT_FALSE(planned.said("MARKER")) << all(planned.report);
            if (planned.plan) {
                EXPECT_FALSE(plan_json(*planned.plan).contains("MARKER"));
            } else {
                EXPECT_FALSE(planned.plan.error().to_string().contains("MARKER"));
            }
        }
    }
}

TEST(InitiatorName, is_made_from_what_the_board_knows) {
    EXPECT_EQ(default_initiator_name({"10000000ABCDEF01", {}}),
              "iqn.2026-11.local.bootwire:10000000abcdef01");
    EXPECT_EQ(default_initiator_name({"a b/c_d\n", {}}), "iqn.2026-11.local.bootwire:abcd");
    EXPECT_EQ(default_initiator_name({"", MacAddress::parse("DC:A6:32:01:02:03")}),
              "iqn.2026-11.local.bootwire:dca632010203");
    EXPECT_EQ(default_initiator_name({}), "iqn.2026-11.local.bootwire:unknown");
    EXPECT_TRUE(parse_iscsi_name(default_initiator_name({std::string(1000, '9'), {}})));
}

TEST(NetworkRequest, knows_what_is_needed_before_dhcp) {
    Report report;
    const auto request = read_request(
        {CommandLine::parse("ip=::::pi4:eth1:dhcp:10.0.0.7 vlan=10 dns=10.0.0.8 dns=10.0.0.9")},
        report);
    EXPECT_FALSE(request.network.address.value);
    EXPECT_EQ(request.network.interface.value, "eth1");
    EXPECT_EQ(request.network.vlan.value, 10);
    ASSERT_EQ(request.network.dns_servers.value.size(), 3u);
    EXPECT_EQ(request.network.dns_servers.value[0].to_string(), "10.0.0.8");
    EXPECT_EQ(request.network.dns_servers.value[2].to_string(), "10.0.0.7");
    EXPECT_EQ(request.network.root_path, dhcp::RootPathPolicy::required);
    EXPECT_TRUE(all(report).contains("VLAN 10, from the kernel command line"));
}

TEST(BootJson, has_every_field_with_its_source) {
    auto lease = lease_with(usual_path);
    lease.dns_servers = {IpAddress::v4(8, 8, 8, 8), IpAddress::v4(9, 9, 9, 9)};
    const auto planned = make("iscsi.root=\"LABEL=a\"", lease);
    const std::string json = plan_json(*planned.plan);
    EXPECT_TRUE(
        json.starts_with("{\"mode\":{\"value\":\"pivot\",\"source\":\"the built-in default\"}"));
    EXPECT_TRUE(
        json.contains("\"name_servers\":{\"value\":[\"8.8.8.8\",\"9.9.9.9\"],\"source\":"
                      "\"DHCP option 6 from 192.168.1.1\"}"));
    EXPECT_TRUE(
        json.contains("\"root\":{\"value\":\"LABEL=a\",\"source\":\"the kernel command line\"}"));
    EXPECT_TRUE(json.contains("\"mtu\":{\"value\":null,\"source\":null}"));
    EXPECT_EQ(std::ranges::count(json, '{'), std::ranges::count(json, '}'));
}

}  // namespace
}  // namespace bootwire::plan
