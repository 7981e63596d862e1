#include "init/rescue_answers.h"

#include <gtest/gtest.h>

#include "init/network_stage.h"
#include "os/log.h"
#include "screen/console.h"

namespace bootwire::init {
namespace {

constexpr uint16_t nobody_listens = 1;

/// Whose only portal is this address of the machine itself, where nobody listens.
plan::Plan plan_for(uint8_t last_byte) {
    const IpAddress address = IpAddress::v4(127, 0, 0, last_byte);
    plan::Plan plan;
    plan.initiator.value = "iqn.2026-11.local.bootwire:test";
    plan.portals.value = {{address, nobody_listens}};
    return plan;
}

std::string login(const Findings& findings) {
    return login_text(findings, board::Board{}, [] {});
}

TEST(RescueAnswers, come_from_the_failed_attempt_until_the_next_one_begins) {
    Findings findings;
    findings.plan = plan_for(5);
    findings.network_plan.emplace().dns_servers.value = {IpAddress::v4(127, 0, 0, 5)};
    EXPECT_TRUE(login(findings).starts_with("127.0.0.5:1: ")) << login(findings);
    begin_anew(findings);
    EXPECT_TRUE(login(findings).starts_with("no server is known yet")) << login(findings);
    EXPECT_TRUE(ping_text("nas.lan", findings, [] {}).starts_with("no DNS server"));
    EXPECT_EQ(dhcp_text(findings).find("127.0.0.5"), std::string::npos);
}

TEST(RescueAnswers, come_from_the_new_attempts_plan_once_there_is_one) {
    Findings findings;
    findings.plan = plan_for(5);
    begin_anew(findings);
    findings.plan = plan_for(6);
    EXPECT_TRUE(login(findings).starts_with("127.0.0.6:1: ")) << login(findings);
    EXPECT_EQ(login(findings).find("127.0.0.5"), std::string::npos);
}

TEST(RescueAnswers, about_dhcp_have_the_lines_of_its_client_whatever_their_words) {
    log::start("init", screen::show_line);
    log::info("port1, from DHCP option 17");
    log::warning_about(log::Subject::dhcp, "eth0: another host has 10.0.0.2");
    log::start("bootwire", nullptr);
    const std::string text = dhcp_text({});
    EXPECT_EQ(text.find("option 17"), std::string::npos) << text;
    EXPECT_NE(text.find("eth0: another host"), std::string::npos) << text;
    EXPECT_NE(log_text(true).find("option 17"), std::string::npos);
}

}  // namespace
}  // namespace bootwire::init
