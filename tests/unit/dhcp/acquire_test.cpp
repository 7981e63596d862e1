// From DISCOVER to the lease.
#include "fake_server.h"

namespace bootwire::dhcp {
namespace {

TEST(Acquiring, takes_an_offer_with_a_root_path_at_once_and_binds_on_the_ack) {
    Bench bench;
    bench.start();
    const Message discover = bench.sent_one();
    EXPECT_EQ(discover.type, MessageType::discover);
    EXPECT_EQ(discover.options.text(option::vendor_class), "bootwire");
    bench.give(with_root_path(reply(discover, MessageType::offer)));
    const Message request = bench.sent_one();
    EXPECT_EQ(request.type, MessageType::request);
    EXPECT_EQ(request.transaction, discover.transaction);
    EXPECT_EQ(request.options.address(option::requested_address), leased);
    EXPECT_EQ(request.options.address(option::server_id), server_one);
    EXPECT_TRUE(request.client_address.is_unspecified());
    bench.give(with_root_path(reply(request, MessageType::ack)));
    const auto bound = bench.all<Bound>();
    ASSERT_EQ(bound.size(), 1u);
    EXPECT_EQ(bound[0].lease.address.to_string(), "10.0.0.50/24");
    EXPECT_EQ(bound[0].lease.root_path, root_path);
    EXPECT_EQ(bound[0].lease.since, bench.time);
    EXPECT_FALSE(bound[0].renewed);
}

TEST(Acquiring, sends_no_client_identifier_so_that_the_firmwares_lease_is_found_by_mac) {
    Bench bench;
    bench.start();
    EXPECT_FALSE(bench.sent_one().options.has(option::client_id));
    Bench with_id({.identity = {.client_id = {1, 2, 3}}});
    with_id.start();
    EXPECT_TRUE(with_id.sent_one().options.has(option::client_id));
}

TEST(Acquiring, asks_again_ever_after_with_growing_pauses_and_the_same_transaction) {
    Bench bench;
    bench.start();
    bench.pass(50s);
    const auto early = bench.sent();
    // A switch with spanning tree blocks for 30 to 50 s: one attempt must follow soon after.
    EXPECT_GE(early.size(), 8u);
    EXPECT_LE(early.size(), 11u);
    for (const auto& message : early)
        EXPECT_EQ(message.transaction, early[0].transaction);
    EXPECT_GE(early.back().seconds, 40);
    bench.pass(1h);
    EXPECT_GE(bench.sent().size(), 90u);
    EXPECT_LE(bench.client.next_deadline().value() - bench.time, 38s);
}

TEST(Acquiring, asks_for_broadcast_in_every_second_attempt) {
    Bench bench;
    bench.start();
    bench.pass(2s);
    const auto messages = bench.sent();
    ASSERT_GE(messages.size(), 2u);
    EXPECT_FALSE(messages[0].wants_broadcast);
    EXPECT_TRUE(messages[1].wants_broadcast);
}

TEST(Acquiring, jitters_its_pauses) {
    Bench one;
    Bench two;
    one.start();
    two.start();
    two.start();
    EXPECT_NE(one.client.next_deadline(), two.client.next_deadline());
}

TEST(Acquiring, passes_over_another_transaction_and_another_mac) {
    Bench bench;
    bench.start();
    const Message offer = with_root_path(reply(bench.sent_one(), MessageType::offer));
    Message wrong = offer;
    wrong.transaction ^= 1;
    bench.give(wrong);
    wrong = offer;
    wrong.hardware_address = other_mac;
    bench.give(wrong);
    wrong = offer;
    wrong.from_server = false;
    bench.give(wrong);
    EXPECT_EQ(bench.client.state(), State::selecting);
    EXPECT_TRUE(bench.sent().empty());
    EXPECT_EQ(bench.log(), "");
}

TEST(Acquiring, takes_an_offer_that_answers_an_earlier_attempt) {
    Bench bench;
    bench.start();
    const Message first = bench.sent_one();
    bench.pass(10s);
    const uint16_t seconds = bench.sent().back().seconds;
    bench.give(with_root_path(reply(first, MessageType::offer)));
    EXPECT_EQ(bench.client.state(), State::requesting);
    bench.pass(1500ms);
    // RFC 2131 section 4.4.1: as in the DISCOVER.
    for (const auto& request : bench.sent())
        EXPECT_EQ(request.seconds, seconds);
}

TEST(Acquiring, goes_on_asking_when_no_offer_has_the_root_path_that_is_required) {
    Bench bench;
    bench.start();
    const Message discover = bench.sent_one();
    bench.give(reply(discover, MessageType::offer));
    bench.give(reply(discover, MessageType::offer));
    EXPECT_EQ(bench.log(),
              "DHCP offer without root path (option 17) from 10.0.0.1, waiting for a better one\n");
    bench.pass(4900ms);
    for (const auto& message : bench.sent())
        EXPECT_EQ(message.type, MessageType::discover);
    bench.give(with_root_path(reply(discover, MessageType::offer, server_two)));
    EXPECT_EQ(bench.sent_one().options.address(option::server_id), server_two);
}

TEST(Acquiring, takes_the_sender_for_a_server_that_does_not_name_itself) {
    Bench bench;
    bench.start();
    bench.give(with_root_path(unnamed(reply(bench.sent_one(), MessageType::offer))), server_two);
    const Message request = bench.sent_one();
    EXPECT_EQ(request.options.address(option::server_id), server_two);
    bench.give(with_root_path(unnamed(reply(request, MessageType::ack))), server_two);
    ASSERT_EQ(bench.client.state(), State::bound);
    EXPECT_EQ(bench.client.lease()->server, server_two);

    Bench relayed;
    relayed.start();
    Message offer = with_root_path(unnamed(reply(relayed.sent_one(), MessageType::offer)));
    offer.relay = server_two;
    relayed.give(offer, server_two);
    EXPECT_EQ(relayed.client.state(), State::selecting) << "a relay is no server";
}

TEST(Acquiring, prefers_a_later_offer_with_a_root_path_from_another_server) {
    Bench bench({.root_path = RootPathPolicy::preferred});
    bench.start();
    const Message discover = bench.sent_one();
    bench.give(reply(discover, MessageType::offer));
    bench.pass(500ms);
    EXPECT_EQ(bench.client.state(), State::selecting);
    bench.give(with_root_path(reply(discover, MessageType::offer, server_two)));
    const auto sent = bench.sent();
    EXPECT_EQ(sent.back().options.address(option::server_id), server_two);
}

TEST(Acquiring, takes_an_offer_without_a_preferred_root_path_after_a_short_wait) {
    Bench bench({.root_path = RootPathPolicy::preferred});
    bench.start();
    const Message discover = bench.sent_one();
    bench.give(reply(discover, MessageType::offer));
    bench.pass(2400ms);
    EXPECT_EQ(bench.client.state(), State::selecting);
    bench.pass(100ms);
    EXPECT_EQ(bench.client.state(), State::requesting);
}

TEST(Acquiring, takes_any_offer_at_once_when_the_target_is_known_already) {
    Bench bench({.root_path = RootPathPolicy::ignored});
    bench.start();
    bench.give(reply(bench.sent_one(), MessageType::offer));
    EXPECT_EQ(bench.client.state(), State::requesting);
}

TEST(Acquiring, leaves_the_judgement_of_a_root_path_to_the_caller) {
    Bench bench({.find_flaw = [](const Lease& lease) {
        return lease.root_path == "good" ? ""
                                         : "option 17: \"" + lease.root_path + "\" is not good";
    }});
    bench.start();
    const Message discover = bench.sent_one();
    bench.give(with_root_path(reply(discover, MessageType::offer), "bad"));
    EXPECT_EQ(
        bench.log(),
        "DHCP offer from 10.0.0.1, waiting for a better one: option 17: \"bad\" is not good\n");
    EXPECT_EQ(bench.client.flaw(), "option 17: \"bad\" is not good");
    bench.give(with_root_path(reply(discover, MessageType::offer, server_two), "good"));
    EXPECT_EQ(bench.client.state(), State::requesting);
}

TEST(Acquiring, says_once_why_an_answer_to_it_was_passed_over) {
    Bench bench;
    bench.start();
    Message offer = with_root_path(reply(bench.sent_one(), MessageType::offer));
    offer.your_address = IpAddress::v4(224, 0, 0, 1);
    bench.give(offer);
    bench.give(offer);
    EXPECT_EQ(bench.log(),
              "a DHCP offer is passed over: the DHCP server gives the address 224.0.0.1, which no "
              "host can have\n");
    auto bytes = build_message(offer);
    bytes[236] = 0;
    bench.time += 1s;
    bench.record(bench.client.on_message(bytes, bench.time));
    EXPECT_EQ(bench.client.state(), State::selecting);
}

TEST(Requesting, repeats_a_lost_request_and_then_asks_all_servers_anew) {
    Bench bench;
    bench.start();
    const Message discover = bench.sent_one();
    bench.give(with_root_path(reply(discover, MessageType::offer)));
    bench.pass(20s);
    const auto sent = bench.sent();
    ASSERT_GE(sent.size(), 4u);
    for (size_t i = 0; i < 3; ++i)
        EXPECT_EQ(sent[i].type, MessageType::request);
    EXPECT_EQ(sent[3].type, MessageType::discover);
    EXPECT_NE(sent[3].transaction, discover.transaction);
    EXPECT_NE(bench.log().find("does not answer the request for its offer"), std::string::npos);
}

TEST(Requesting, binds_on_the_answer_to_a_repeated_request_counting_from_the_first) {
    Bench bench;
    bench.start();
    bench.give(with_root_path(reply(bench.sent_one(), MessageType::offer)));
    const Moment requested = bench.time;
    bench.pass(2s);
    bench.give(reply(bench.sent().back(), MessageType::ack));
    ASSERT_TRUE(bench.client.lease());
    EXPECT_EQ(bench.client.lease()->since, requested);
}

TEST(Requesting, takes_an_answer_that_names_no_server_for_that_of_the_one_it_has_asked) {
    Bench bench;
    bench.start();
    bench.give(with_root_path(reply(bench.sent_one(), MessageType::offer)));
    bench.give(with_root_path(unnamed(reply(bench.sent_one(), MessageType::ack))));
    ASSERT_EQ(bench.client.state(), State::bound);
    EXPECT_EQ(bench.client.lease()->server, server_one);
    EXPECT_EQ(bench.all<Bound>().at(0).lease.server, server_one);
    bench.pass(1801s);
    EXPECT_EQ(bench.all<SendUnicast>().at(0).to, server_one) << "it is asked to renew it";
    bench.give(unnamed(reply(bench.sent().back(), MessageType::ack)));
    ASSERT_EQ(bench.client.state(), State::bound);
    EXPECT_EQ(bench.client.lease()->server, server_one);
}

TEST(Requesting, takes_a_refusal_that_names_no_server_for_that_of_the_one_it_has_asked) {
    Bench bench;
    bench.start();
    bench.give(with_root_path(reply(bench.sent_one(), MessageType::offer)));
    bench.log();
    bench.give(unnamed(reply(bench.sent_one(), MessageType::nak)));
    EXPECT_EQ(bench.client.state(), State::init);
    EXPECT_EQ(bench.log(), "DHCP server 10.0.0.1 refuses\n");
}

TEST(Acquiring, passes_an_offer_over_that_names_no_server) {
    Bench bench;
    bench.start();
    bench.give(with_root_path(unnamed(reply(bench.sent_one(), MessageType::offer))));
    EXPECT_EQ(bench.client.state(), State::selecting);
    EXPECT_EQ(bench.log(),
              "a DHCP offer is passed over: it does not name its server (option 54)\n");
}

TEST(Requesting, passes_over_late_offers_and_other_servers) {
    Bench bench;
    bench.start();
    const Message discover = bench.sent_one();
    bench.give(with_root_path(reply(discover, MessageType::offer)));
    bench.sent();
    bench.give(with_root_path(reply(discover, MessageType::offer, server_two)));
    bench.give(reply(discover, MessageType::ack, server_two));
    bench.give(reply(discover, MessageType::nak, server_two));
    EXPECT_EQ(bench.client.state(), State::requesting);
    EXPECT_TRUE(bench.sent().empty());
}

TEST(Requesting, starts_over_after_a_refusal_with_a_pause_that_grows) {
    Bench bench;
    bench.start();
    for (const Milliseconds at_least : {750ms, 1500ms, 3000ms}) {
        bench.give(with_root_path(reply(bench.sent_one(), MessageType::offer)));
        Message nak = reply(bench.sent_one(), MessageType::nak);
        nak.options.add_text(option::text, "address\nnot available");
        bench.give(nak);
        EXPECT_EQ(bench.log(),
                  "DHCP offers 10.0.0.50/24 from 10.0.0.1\n"
                  "DHCP server 10.0.0.1 refuses: address\\x0anot available\n");
        ASSERT_EQ(bench.client.state(), State::init);
        const Milliseconds pause = *bench.client.next_deadline() - bench.time;
        EXPECT_GE(pause, at_least);
        bench.pass(pause);
    }
    EXPECT_EQ(bench.sent_one().type, MessageType::discover);
}

TEST(RapidCommit, binds_without_a_request) {
    Bench bench;
    bench.start();
    const Message discover = bench.sent_one();
    EXPECT_TRUE(discover.options.has(option::rapid_commit));
    Message ack = with_root_path(reply(discover, MessageType::ack));
    bench.give(ack);
    EXPECT_EQ(bench.client.state(), State::selecting) << "an ACK without option 80";
    ack.options.add(option::rapid_commit, {});
    bench.give(ack);
    EXPECT_EQ(bench.client.state(), State::bound);
    EXPECT_TRUE(bench.sent().empty());
    EXPECT_EQ(bench.all<SendArp>().size(), 1u);
}

TEST(RapidCommit, does_not_bind_to_an_answer_without_the_root_path_that_is_required) {
    Bench bench;
    bench.start();
    Message ack = reply(bench.sent_one(), MessageType::ack);
    ack.options.add(option::rapid_commit, {});
    bench.give(ack);
    EXPECT_EQ(bench.client.state(), State::selecting);
}

TEST(RapidCommit, after_hours_of_asking_the_lease_counts_from_the_message_that_was_answered) {
    Bench bench;
    bench.start();
    bench.pass(3h);
    Message ack = with_root_path(reply(bench.sent().back(), MessageType::ack));
    ack.options.add(option::rapid_commit, {});
    bench.give(ack);
    ASSERT_EQ(bench.client.state(), State::bound);
    EXPECT_GE(bench.client.lease()->since, bench.time - 40s);
    bench.pass(10min);
    EXPECT_EQ(bench.client.state(), State::bound);
    EXPECT_TRUE(bench.all<Lost>().empty());
}

TEST(RapidCommit, can_be_switched_off) {
    Bench bench({.rapid_commit = false});
    bench.start();
    const Message discover = bench.sent_one();
    EXPECT_FALSE(discover.options.has(option::rapid_commit));
    Message ack = with_root_path(reply(discover, MessageType::ack));
    ack.options.add(option::rapid_commit, {});
    bench.give(ack);
    EXPECT_EQ(bench.client.state(), State::selecting);
}

TEST(Link, nothing_is_sent_without_a_carrier_and_at_once_when_it_comes) {
    Bench bench;
    bench.link(false);
    bench.start();
    EXPECT_FALSE(bench.client.next_deadline());
    bench.pass(60s);
    EXPECT_TRUE(bench.sent().empty());
    bench.link(true);
    EXPECT_EQ(bench.sent_one().type, MessageType::discover);
    bench.pass(60s);
    bench.sent();
    bench.link(false);
    bench.pass(60s);
    EXPECT_TRUE(bench.sent().empty());
    bench.link(true);
    EXPECT_EQ(bench.sent_one().seconds, 0);
}

TEST(Link, that_comes_without_having_been_seen_to_go_counts_too) {
    Bench bench;
    bench.start();
    bench.pass(60s);
    bench.sent();
    bench.link(true);
    EXPECT_EQ(bench.sent_one().seconds, 0);
}

}  // namespace
}  // namespace bootwire::dhcp
