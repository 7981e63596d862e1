// What happens to a lease: renewal, loss, conflict, hand-over.
#include "dhcp/arp.h"
#include "fake_server.h"

namespace bootwire::dhcp {
namespace {

ArpPacket arp_from(const MacAddress& mac, const IpAddress& address) {
    return build_arp_announcement(mac, address);
}

TEST(Renewing, asks_the_server_by_unicast_at_t1_and_keeps_the_lease_going) {
    Bench bench;
    bench.obtain_lease();
    const Moment bound_at = bench.time;
    bench.all<Bound>();
    bench.pass(1600s);
    EXPECT_TRUE(bench.sent().empty());
    bench.pass(201s);
    EXPECT_EQ(bench.client.state(), State::renewing);
    const auto unicast = bench.all<SendUnicast>();
    ASSERT_EQ(unicast.size(), 1u);
    EXPECT_EQ(unicast[0].to, server_one);
    const Message request = bench.sent_one();
    EXPECT_EQ(request.client_address, leased);
    EXPECT_FALSE(request.options.has(option::server_id));
    EXPECT_FALSE(request.options.has(option::requested_address));
    bench.give(reply(request, MessageType::ack));
    const auto bound = bench.all<Bound>();
    ASSERT_EQ(bound.size(), 1u);
    EXPECT_TRUE(bound[0].renewed);
    EXPECT_GE(bound[0].lease.since, bound_at + 1600s);
    EXPECT_TRUE(bench.all<Lost>().empty());
}

TEST(Renewing, repeats_in_halves_of_what_is_left_then_asks_all_then_loses_the_lease) {
    Bench bench;
    bench.obtain_lease();
    bench.pass(3149s);
    EXPECT_EQ(bench.client.state(), State::renewing);
    EXPECT_GE(bench.sent().size(), 3u);
    EXPECT_EQ(bench.all<SendBroadcast>().size(), 2u) << "DISCOVER and REQUEST alone";
    bench.pass(2s);
    EXPECT_EQ(bench.client.state(), State::rebinding);
    EXPECT_EQ(bench.sent().back().client_address, leased);
    const auto broadcast = bench.all<SendBroadcast>();
    ASSERT_EQ(broadcast.size(), 1u);
    EXPECT_EQ(load_be32(&broadcast[0].packet[12]), leased.v4_host_order());
    bench.pass(440s);
    EXPECT_TRUE(bench.all<Lost>().empty());
    bench.sent();
    bench.pass(10s);
    EXPECT_EQ(bench.all<Lost>().size(), 1u);
    EXPECT_FALSE(bench.client.lease());
    const Message discover = bench.sent().back();
    EXPECT_EQ(discover.type, MessageType::discover);
    EXPECT_EQ(discover.options.address(option::requested_address), leased);
}

TEST(Renewing, survives_lost_packets_in_a_lease_of_two_minutes) {
    Bench bench;
    bench.start();
    bench.give(with_root_path(reply(bench.sent_one(), MessageType::offer)));
    Message ack = reply(bench.sent_one(), MessageType::ack);
    ack.options = {};
    ack.options.add_address(option::server_id, server_one);
    ack.options.add(option::lease_time, std::vector<uint8_t>{0, 0, 0, 120});
    bench.give(ack);
    bench.pass(104s);
    EXPECT_GE(bench.sent().size(), 2u);
}

TEST(Renewing, counts_the_new_lease_from_the_request_that_was_answered) {
    Bench bench;
    bench.obtain_lease();
    bench.pass(1801s);
    const Moment first = bench.time;
    bench.pass(1000s);
    bench.give(reply(bench.sent().back(), MessageType::ack));
    ASSERT_EQ(bench.client.state(), State::bound);
    EXPECT_GT(bench.client.lease()->since, first + 400s);
}

TEST(Rebinding, takes_the_answer_of_another_server) {
    Bench bench;
    bench.obtain_lease();
    bench.pass(3151s);
    bench.give(reply(bench.sent().back(), MessageType::ack, server_two));
    ASSERT_EQ(bench.client.state(), State::bound);
    EXPECT_EQ(bench.client.lease()->server, server_two);
}

TEST(Renewing, starts_over_when_the_server_refuses) {
    Bench bench;
    bench.obtain_lease();
    bench.pass(1801s);
    bench.give(reply(bench.sent().back(), MessageType::nak));
    EXPECT_EQ(bench.all<Lost>().size(), 1u);
    bench.pass(2s);
    const Message discover = bench.sent().front();
    EXPECT_EQ(discover.type, MessageType::discover);
    EXPECT_FALSE(discover.options.has(option::requested_address));
}

TEST(Bound, honours_t1_and_t2_of_the_server_and_never_asks_for_an_endless_lease) {
    Bench bench;
    bench.start();
    bench.give(with_root_path(reply(bench.sent_one(), MessageType::offer)));
    Message ack = reply(bench.sent_one(), MessageType::ack);
    Message timed = ack;
    timed.options.add(option::renewal_time, std::vector<uint8_t>{0, 0, 0, 160});
    timed.options.add(option::rebinding_time, std::vector<uint8_t>{0, 0, 0, 200});
    bench.give(timed);
    bench.pass(161s);
    EXPECT_EQ(bench.client.state(), State::renewing);
    ack.options = {};
    ack.transaction = bench.sent().back().transaction;
    ack.options.add(option::lease_time, std::vector<uint8_t>{255, 255, 255, 255});
    bench.give(ack);
    EXPECT_EQ(bench.client.state(), State::bound);
    EXPECT_EQ(bench.client.lease()->server, server_one) << "kept where the ACK names none";
    EXPECT_FALSE(bench.client.next_deadline());
}

TEST(Bound, passes_over_whatever_else_servers_send) {
    Bench bench;
    bench.obtain_lease();
    Message late;
    late.transaction = 1;
    late.hardware_address = own_mac;
    bench.give(reply(late, MessageType::nak));
    bench.give(reply(late, MessageType::offer, server_two));
    EXPECT_EQ(bench.client.state(), State::bound);
    EXPECT_TRUE(bench.all<Lost>().empty());
}

TEST(Conflict, one_probe_goes_out_beside_the_request_and_an_announcement_later) {
    Bench bench;
    bench.obtain_lease();
    auto arps = bench.all<SendArp>();
    ASSERT_EQ(arps.size(), 1u);
    const auto probe = build_arp_probe(own_mac, leased);
    EXPECT_TRUE(std::ranges::equal(arps[0].packet, probe));
    bench.pass(3s);
    arps = bench.all<SendArp>();
    ASSERT_EQ(arps.size(), 1u);
    EXPECT_TRUE(std::ranges::equal(arps[0].packet, build_arp_announcement(own_mac, leased)));
}

TEST(Conflict, before_the_ack_it_declines_instead_of_binding) {
    Bench bench;
    bench.start();
    bench.give(with_root_path(reply(bench.sent_one(), MessageType::offer)));
    bench.arp(arp_from(other_mac, leased));
    bench.give(with_root_path(reply(bench.sent_one(), MessageType::ack)));
    EXPECT_TRUE(bench.all<Bound>().empty());
    const Message decline = bench.sent_one();
    EXPECT_EQ(decline.type, MessageType::decline);
    EXPECT_EQ(decline.options.address(option::requested_address), leased);
    EXPECT_EQ(decline.options.address(option::server_id), server_one);
    bench.pass(9s);
    EXPECT_TRUE(bench.sent().empty());
    bench.pass(1s);
    const Message discover = bench.sent_one();
    EXPECT_EQ(discover.type, MessageType::discover);
    EXPECT_FALSE(discover.options.has(option::requested_address));
}

TEST(Conflict, after_the_ack_it_declines_and_takes_the_address_away) {
    Bench bench;
    bench.obtain_lease();
    bench.arp(arp_from(other_mac, leased));
    const auto lost = bench.all<Lost>();
    ASSERT_EQ(lost.size(), 1u);
    EXPECT_EQ(lost[0].reason, "address 10.0.0.50 is in use by 52:54:00:12:34:56");
    EXPECT_EQ(lost[0].taken, leased);
    EXPECT_EQ(bench.sent_one().type, MessageType::decline);
}

TEST(Conflict, own_interfaces_other_addresses_and_late_answers_are_none) {
    Bench bench({.other_macs = {other_mac}});
    bench.obtain_lease();
    bench.arp(arp_from(own_mac, leased));
    bench.arp(arp_from(other_mac, leased));
    const MacAddress third = *MacAddress::parse("02:00:00:00:00:03");
    bench.arp(arp_from(third, server_one));
    bench.arp(build_arp_probe(third, leased));
    bench.pass(3s);
    bench.arp(arp_from(third, leased));
    EXPECT_TRUE(bench.all<Lost>().empty());
    EXPECT_EQ(bench.client.state(), State::bound);
}

TEST(Conflict, own_interfaces_that_have_come_since_are_none_and_those_that_have_gone_may_be) {
    Bench bench;
    bench.obtain_lease();
    bench.client.on_interfaces({other_mac});
    bench.arp(arp_from(other_mac, leased));
    bench.arp(arp_from(own_mac, leased));
    EXPECT_TRUE(bench.all<Lost>().empty());
    bench.client.on_interfaces({});
    bench.arp(arp_from(other_mac, leased));
    EXPECT_EQ(bench.all<Lost>().size(), 1u);
}

TEST(Conflict, the_kernels_answer_padded_to_a_whole_frame_counts) {
    const auto packet = arp_from(other_mac, leased);
    std::vector<uint8_t> padded(packet.begin(), packet.end());
    padded.resize(46);
    const MacAddress own[] = {own_mac};
    EXPECT_EQ(find_conflict(padded, leased, own), other_mac);
    EXPECT_FALSE(find_conflict(Bytes(padded).first(27), leased, own));
    padded[1] = 6;
    EXPECT_FALSE(find_conflict(padded, leased, own));
}

TEST(Link, when_it_is_back_the_server_is_asked_whether_the_lease_still_holds) {
    Bench bench;
    bench.obtain_lease();
    bench.link(false);
    bench.pass(100s);
    EXPECT_TRUE(bench.sent().empty());
    bench.link(true);
    EXPECT_EQ(bench.client.state(), State::rebooting);
    const Message request = bench.sent_one();
    EXPECT_EQ(request.options.address(option::requested_address), leased);
    EXPECT_FALSE(request.options.has(option::server_id));
    EXPECT_TRUE(request.client_address.is_unspecified());
    bench.give(reply(request, MessageType::nak, server_two));
    EXPECT_EQ(bench.client.state(), State::rebooting) << "a server that knows nothing of it";
    bench.give(reply(request, MessageType::ack));
    EXPECT_EQ(bench.client.state(), State::bound);
    EXPECT_TRUE(bench.all<Lost>().empty());
}

TEST(Link, when_it_is_back_and_nobody_answers_the_lease_goes_on) {
    Bench bench;
    bench.obtain_lease();
    bench.link(false);
    bench.link(true);
    bench.pass(90s);
    EXPECT_EQ(bench.client.state(), State::bound);
    EXPECT_TRUE(bench.all<Lost>().empty());
    bench.pass(1800s);
    EXPECT_EQ(bench.client.state(), State::renewing);
}

TEST(Link, on_another_network_the_servers_refusal_starts_over) {
    Bench bench;
    bench.obtain_lease();
    bench.link(false);
    bench.link(true);
    bench.give(reply(bench.sent_one(), MessageType::nak));
    EXPECT_EQ(bench.all<Lost>().size(), 1u);
    bench.pass(2s);
    EXPECT_EQ(bench.sent().front().type, MessageType::discover);
}

TEST(Link, when_it_is_back_and_only_another_server_refuses_again_and_again_it_is_believed) {
    Bench bench;
    bench.obtain_lease();
    bench.link(false);
    bench.link(true);
    for (int request = 0; request < 3; ++request) {
        const auto sent = bench.sent_next();
        EXPECT_EQ(sent.type, MessageType::request);
        EXPECT_TRUE(bench.all<Lost>().empty());
        // Two that refuse the same request are no more than one.
        bench.give(reply(sent, MessageType::nak, server_two));
        bench.give(reply(sent, MessageType::nak, server_two));
    }
    EXPECT_EQ(bench.sent_next().type, MessageType::discover);
    const auto lost = bench.all<Lost>();
    ASSERT_EQ(lost.size(), 1u);
    EXPECT_EQ(lost[0].reason, "DHCP server 10.0.0.2 refuses");
    EXPECT_FALSE(lost[0].taken);
}

TEST(Link, when_it_is_back_the_leases_own_server_may_answer_after_two_refusals_of_another) {
    Bench bench;
    bench.obtain_lease();
    bench.link(false);
    bench.link(true);
    for (int request = 0; request < 2; ++request)
        bench.give(reply(bench.sent_next(), MessageType::nak, server_two));
    const Message last = bench.sent_next();
    bench.give(reply(last, MessageType::nak, server_two));
    bench.give(reply(last, MessageType::ack));
    EXPECT_EQ(bench.client.state(), State::bound);
    bench.pass(100s);
    EXPECT_EQ(bench.client.state(), State::bound);
    EXPECT_TRUE(bench.all<Lost>().empty()) << "refusals of an exchange that is over";
    bench.link(true);
    bench.give(reply(bench.sent_next(), MessageType::nak, server_two));
    bench.pass(90s);
    EXPECT_EQ(bench.all<Lost>().size(), 1u) << "one refusal, and its own server never answers";
}

TEST(Link, while_renewing_its_return_repeats_the_request_at_once) {
    Bench bench;
    bench.obtain_lease();
    bench.pass(1801s);
    bench.sent();
    bench.link(false);
    bench.link(true);
    EXPECT_EQ(bench.client.state(), State::renewing);
    EXPECT_EQ(bench.sent_one().client_address, leased);
}

TEST(HandOver, another_process_goes_on_with_the_lease_at_the_moments_it_had) {
    Bench init;
    init.obtain_lease();
    Bench keeper;
    keeper.time = init.time + 100s;
    keeper.record(keeper.client.resume(*init.client.lease(), keeper.time));
    EXPECT_EQ(keeper.client.state(), State::bound);
    EXPECT_TRUE(keeper.all<Bound>().empty());
    keeper.pass(1701s);
    EXPECT_EQ(keeper.client.state(), State::renewing);
    keeper.give(reply(keeper.sent().back(), MessageType::ack));
    EXPECT_EQ(keeper.client.state(), State::bound);
}

TEST(HandOver, a_lease_that_has_ended_meanwhile_is_lost_at_once) {
    Bench init;
    init.obtain_lease();
    Bench keeper;
    keeper.time = init.time + 3600s;
    keeper.record(keeper.client.resume(*init.client.lease(), keeper.time));
    EXPECT_EQ(keeper.all<Lost>().size(), 1u);
    EXPECT_EQ(keeper.sent_one().type, MessageType::discover);
}

TEST(Release, tells_the_server_and_stops) {
    Bench bench;
    bench.obtain_lease();
    bench.record(bench.client.release(bench.time));
    const Message message = bench.sent_one();
    EXPECT_EQ(message.type, MessageType::release);
    EXPECT_EQ(message.client_address, leased);
    EXPECT_EQ(bench.client.state(), State::stopped);
    EXPECT_FALSE(bench.client.next_deadline());
}

}  // namespace
}  // namespace bootwire::dhcp
