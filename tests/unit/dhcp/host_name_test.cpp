// The name that the client asks to be known by.
#include <algorithm>

#include "fake_server.h"

namespace bootwire::dhcp {
namespace {

TEST(HostName, of_the_system_is_told_at_once_by_renewing_what_is_not_due) {
    Bench bench({.identity = {.host_name = "of-the-command-line"}});
    bench.obtain_lease();
    bench.pass(10s);
    bench.record(bench.client.on_host_name("pi4", bench.time));
    EXPECT_EQ(bench.all<SendUnicast>().at(0).to, server_one);
    const Message request = bench.sent().back();
    EXPECT_EQ(request.type, MessageType::request);
    EXPECT_EQ(request.client_address, leased);
    EXPECT_EQ(request.options.text(option::host_name), "pi4");
    EXPECT_FALSE(request.options.has(option::client_fqdn));
    bench.give(reply(request, MessageType::ack));
    EXPECT_EQ(bench.client.state(), State::bound);
    EXPECT_TRUE(bench.all<Lost>().empty());
    bench.pass(1600s);
    EXPECT_TRUE(bench.sent().empty()) << "it is told once";
    bench.pass(201s);
    EXPECT_EQ(bench.sent_one().options.text(option::host_name), "pi4");
}

TEST(HostName, that_nobody_acknowledges_costs_no_lease_and_is_told_when_that_is_due) {
    Bench bench;
    bench.obtain_lease();
    bench.record(bench.client.on_host_name("pi4", bench.time));
    bench.pass(60s);
    EXPECT_EQ(bench.sent().size(), 4u);
    EXPECT_EQ(bench.client.state(), State::bound);
    bench.pass(1600s);
    EXPECT_TRUE(bench.sent().empty());
    bench.pass(141s);
    EXPECT_EQ(bench.client.state(), State::renewing);
    EXPECT_EQ(bench.sent_one().options.text(option::host_name), "pi4");
}

TEST(HostName, is_told_with_a_lease_that_never_ends_too) {
    Bench bench;
    bench.start();
    bench.give(with_root_path(reply(bench.sent_one(), MessageType::offer)));
    Message ack = reply(bench.sent_one(), MessageType::ack);
    ack.options = {};
    ack.options.add(option::lease_time, std::vector<uint8_t>{255, 255, 255, 255});
    bench.give(ack);
    bench.pass(10s);
    bench.record(bench.client.on_host_name("pi4", bench.time));
    bench.link(true);
    bench.pass(1h);
    EXPECT_EQ(bench.client.state(), State::bound);
    EXPECT_FALSE(bench.client.next_deadline());
    EXPECT_TRUE(bench.all<Lost>().empty());
}

TEST(HostName, that_comes_while_the_lease_is_renewed_is_told_after_that) {
    Bench bench;
    bench.obtain_lease();
    bench.pass(1801s);
    const Message request = bench.sent_one();
    bench.record(bench.client.on_host_name("pi4", bench.time));
    EXPECT_TRUE(bench.sent().empty());
    bench.give(reply(request, MessageType::ack));
    bench.pass(100ms);
    EXPECT_EQ(bench.sent_one().options.text(option::host_name), "pi4");
}

TEST(HostName, with_its_domain_goes_in_the_form_of_rfc_4702_and_only_there) {
    for (const char* name : {"pi4.lan", "pi4.lan."}) {
        Bench bench({.identity = {.host_name = name}});
        bench.start();
        const Message discover = bench.sent_one();
        EXPECT_FALSE(discover.options.has(option::host_name));
        const std::vector<uint8_t> wire{5, 0, 0, 3, 'p', 'i', '4', 3, 'l', 'a', 'n', 0};
        ASSERT_TRUE(discover.options.has(option::client_fqdn));
        EXPECT_TRUE(std::ranges::equal(*discover.options.find(option::client_fqdn), wire));
    }
}

}  // namespace
}  // namespace bootwire::dhcp
