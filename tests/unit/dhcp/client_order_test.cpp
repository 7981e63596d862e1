// What comes at a time at which the client waits for something else, or from someone else.
#include <algorithm>

#include "dhcp/arp.h"
#include "fixed_client.h"

namespace bootwire::dhcp {
namespace {

/// Up to the request for an offer.
void select(Fixed& fixed) {
    fixed.give(with_root_path(reply(fixed.sent.back(), MessageType::offer)));
    ASSERT_EQ(fixed.client.state(), State::requesting);
}

/// In RENEWING, by an hour's lease.
void begin_renewing(Fixed& fixed) {
    fixed.bind(3600);
    fixed.sending_until(Moment(1800s));
    ASSERT_EQ(fixed.client.state(), State::renewing);
}

/// A millisecond before the next deadline there is nothing to do.
void expect_patience(Fixed& fixed) {
    const auto deadline = fixed.client.next_deadline();
    ASSERT_TRUE(deadline);
    const size_t sent = fixed.sent.size(), arps = fixed.arps.size();
    const State state = fixed.client.state();
    fixed.note(fixed.client.on_timer(*deadline - 1ms));
    EXPECT_EQ(fixed.sent.size(), sent) << to_string(state);
    EXPECT_EQ(fixed.arps.size(), arps) << to_string(state);
    EXPECT_EQ(to_string(fixed.client.state()), to_string(state));
    EXPECT_EQ(fixed.client.next_deadline(), deadline) << to_string(state);
}

TEST(Timer, that_comes_early_changes_nothing_in_any_state) {
    Fixed selecting(0), settling(0, {.root_path = RootPathPolicy::preferred}), requesting(0),
        refused(0), bound(0), renewing(0), rebooting(0);
    expect_patience(selecting);
    settling.give(reply(settling.sent.back(), MessageType::offer));
    settling.sending_until(Moment(2400ms));
    expect_patience(settling);
    select(requesting);
    expect_patience(requesting);
    select(refused);
    refused.give(reply(refused.sent.back(), MessageType::nak));
    ASSERT_EQ(refused.client.state(), State::init);
    expect_patience(refused);
    bound.bind(3600);
    expect_patience(bound);
    bound.sending_until(Moment(3s));
    expect_patience(bound);
    begin_renewing(renewing);
    expect_patience(renewing);
    rebooting.bind(3600);
    rebooting.sending_until(Moment(3s));
    rebooting.note(rebooting.client.on_link(true, rebooting.time));
    ASSERT_EQ(rebooting.client.state(), State::rebooting);
    expect_patience(rebooting);
}

TEST(Timer, without_a_carrier_begins_nothing) {
    Fixed fixed(0);
    fixed.note(fixed.client.on_link(false, fixed.time));
    fixed.note(fixed.client.on_timer(Moment(1h)));
    EXPECT_EQ(fixed.sent.size(), 1u);
    EXPECT_EQ(fixed.client.state(), State::init);
}

TEST(Link, of_a_client_that_was_not_started_or_has_stopped_begins_nothing) {
    Bench bench;
    bench.link(true);
    EXPECT_EQ(bench.client.state(), State::stopped);
    bench.obtain_lease();
    bench.record(bench.client.release(bench.time));
    bench.sent();
    bench.link(false);
    bench.link(true);
    EXPECT_EQ(bench.client.state(), State::stopped);
    EXPECT_TRUE(bench.sent().empty());
}

TEST(Release, of_nothing_tells_nobody) {
    Bench bench;
    bench.start();
    bench.sent();
    bench.record(bench.client.release(bench.time));
    EXPECT_TRUE(bench.sent().empty());
    EXPECT_EQ(bench.client.state(), State::stopped);
    EXPECT_FALSE(bench.client.next_deadline());
}

TEST(Requesting, is_not_over_with_what_is_no_answer_to_it) {
    Fixed fixed(0);
    select(fixed);
    const Message request = fixed.sent.back();
    fixed.give(with_root_path(reply(request, MessageType::offer)));
    EXPECT_EQ(fixed.client.state(), State::requesting) << "the same offer again";
    Message wrong = with_root_path(reply(request, MessageType::ack));
    wrong.your_address = IpAddress::v4(224, 0, 0, 1);
    fixed.give(wrong);
    EXPECT_EQ(fixed.client.state(), State::requesting);
    EXPECT_EQ(fixed.warnings.back(),
              "a DHCP answer is passed over: the DHCP server gives the address 224.0.0.1, which no "
              "host can have");
    fixed.give(with_root_path(reply(request, MessageType::ack)));
    EXPECT_EQ(fixed.client.state(), State::bound);
}

TEST(Requesting, looks_who_has_an_address_that_is_another_one_than_was_offered) {
    Fixed fixed(0);
    select(fixed);
    Message ack = reply(fixed.sent.back(), MessageType::ack);
    ack.your_address = IpAddress::v4(10, 0, 0, 51);
    Actions actions = fixed.client.on_message(build_message(ack), fixed.time);
    const auto probe = std::ranges::find_if(
        actions, [](const Action& action) { return std::holds_alternative<SendArp>(action); });
    ASSERT_NE(probe, actions.end());
    EXPECT_TRUE(std::ranges::equal(std::get<SendArp>(*probe).packet,
                                   build_arp_probe(own_mac, ack.your_address)));
}

TEST(Renewing, is_not_over_with_what_is_no_answer_to_it) {
    Fixed fixed(0);
    begin_renewing(fixed);
    const Message request = fixed.sent.back();
    fixed.give(with_root_path(reply(request, MessageType::offer)));
    EXPECT_EQ(fixed.client.state(), State::renewing);
    Message wrong = reply(request, MessageType::ack);
    wrong.your_address = IpAddress::v4(0, 0, 0, 1);
    fixed.give(wrong);
    EXPECT_EQ(fixed.client.state(), State::renewing);
    EXPECT_EQ(fixed.warnings.back(),
              "a DHCP answer is passed over: the DHCP server gives the address 0.0.0.1, which no "
              "host can have");
    EXPECT_EQ(fixed.client.lease()->address.address, leased);
}

TEST(Renewing, looks_who_has_the_address_if_it_is_another_one_now) {
    for (const uint8_t last : {50, 51}) {
        Fixed fixed(0);
        begin_renewing(fixed);
        fixed.arps.clear();
        Message ack = reply(fixed.sent.back(), MessageType::ack);
        ack.your_address = IpAddress::v4(10, 0, 0, last);
        fixed.give(ack);
        EXPECT_EQ(fixed.client.state(), State::bound);
        EXPECT_EQ(fixed.client.lease()->address.address, ack.your_address);
        EXPECT_EQ(fixed.arps.size(), last == 51 ? 1u : 0u);
    }
}

TEST(Renewing, asks_for_no_broadcast_however_often_it_asks) {
    Fixed fixed(0);
    begin_renewing(fixed);
    fixed.sending_until(Moment(3599s));
    std::erase_if(fixed.sent, [](const Message& each) { return each.client_address != leased; });
    EXPECT_GE(fixed.sent.size(), 8u);
    for (const Message& extension : fixed.sent)
        EXPECT_FALSE(extension.wants_broadcast);
}

TEST(Rebinding, repeats_in_halves_of_what_is_left_of_the_lease) {
    Fixed fixed(0);
    begin_renewing(fixed);
    fixed.sending_until(Moment(3149s));
    EXPECT_EQ(
        fixed.sending_until(Moment(3599s)),
        (std::vector<Milliseconds>{3150s, 3318750ms, 3424219ms, 3490137ms, 3535137ms, 3580137ms}));
    EXPECT_EQ(fixed.client.state(), State::rebinding);
    EXPECT_EQ(fixed.warnings.back(), "the DHCP server 10.0.0.1 did not renew, asking all");
}

TEST(Rebinding, believes_any_server_that_refuses) {
    Fixed fixed(0);
    begin_renewing(fixed);
    fixed.sending_until(Moment(3150s));
    ASSERT_EQ(fixed.client.state(), State::rebinding);
    fixed.give(reply(fixed.sent.back(), MessageType::nak, server_two));
    EXPECT_FALSE(fixed.client.lease());
}

TEST(Refusals, are_followed_by_a_pause_that_doubles_until_there_is_a_lease_again) {
    Fixed fixed(0);
    for (const Milliseconds pause : {750ms, 1500ms, 3000ms}) {
        select(fixed);
        fixed.give(reply(fixed.sent.back(), MessageType::nak));
        EXPECT_EQ(*fixed.client.next_deadline() - fixed.time, pause);
        fixed.sending_until(*fixed.client.next_deadline());
    }
    const Moment since = fixed.time;
    fixed.bind(3600);
    fixed.sending_until(since + 1800s);
    ASSERT_EQ(fixed.client.state(), State::renewing);
    fixed.give(reply(fixed.sent.back(), MessageType::nak));
    EXPECT_EQ(*fixed.client.next_deadline() - fixed.time, 750ms);
    fixed.note(fixed.client.start(fixed.time));
    select(fixed);
    fixed.give(reply(fixed.sent.back(), MessageType::nak));
    EXPECT_EQ(*fixed.client.next_deadline() - fixed.time, 750ms) << "it began from scratch";
}

TEST(Conflict, that_was_seen_is_not_forgotten_because_of_who_asks_next) {
    Fixed fixed(0);
    select(fixed);
    fixed.note(fixed.client.on_arp(build_arp_announcement(other_mac, leased), fixed.time));
    fixed.note(fixed.client.on_arp(build_arp_announcement(other_mac, server_one), fixed.time));
    fixed.give(with_root_path(reply(fixed.sent.back(), MessageType::ack)));
    EXPECT_EQ(fixed.sent.back().type, MessageType::decline);
}

/// As it comes over a packet socket.
std::vector<uint8_t> packet_of(const Message& message, const IpAddress& from) {
    auto packet = build_packet(from, IpAddress::v4(255, 255, 255, 255), build_message(message));
    std::swap(packet[21], packet[23]);
    return packet;
}

TEST(Packets, are_read_and_their_sender_counts_for_a_server_that_does_not_name_itself) {
    Bench bench;
    bench.start();
    const auto offer =
        packet_of(with_root_path(unnamed(reply(bench.sent_one(), MessageType::offer))), server_two);
    auto damaged = offer;
    damaged[60] ^= 1;
    for (const Bytes none : {Bytes(offer).first(19), Bytes(offer).first(200), Bytes(damaged)}) {
        bench.record(bench.client.on_packet(none, Checksum::present, bench.time));
        EXPECT_EQ(bench.client.state(), State::selecting);
    }
    EXPECT_EQ(bench.log(), "");
    bench.record(bench.client.on_packet(offer, Checksum::present, bench.time));
    EXPECT_EQ(bench.client.state(), State::requesting);
    EXPECT_EQ(bench.sent_one().options.address(option::server_id), server_two);
}

TEST(Packets, are_sent_to_everyone_from_nobody) {
    Bench bench;
    bench.start();
    const auto packet = bench.all<SendBroadcast>().at(0).packet;
    EXPECT_EQ(load_be32(&packet[12]), 0u);
    EXPECT_EQ(load_be32(&packet[16]), 0xffffffff);
}

TEST(Attempts, ask_for_broadcast_by_turns) {
    Fixed fixed(0);
    fixed.sending_until(Moment(30s));
    ASSERT_GE(fixed.sent.size(), 7u);
    for (size_t i = 0; i < fixed.sent.size(); ++i)
        EXPECT_EQ(fixed.sent[i].wants_broadcast, i % 2 == 1) << i;
}

}  // namespace
}  // namespace bootwire::dhcp
