// Servers that say where the disk is in their ACK alone.
#include <algorithm>

#include "fake_server.h"

namespace bootwire::dhcp {
namespace {

/// A client that looks whether the server has the root path in its ACK; the request for that.
Message look_into_ack(Bench& bench) {
    bench.start();
    bench.give(reply(bench.sent_one(), MessageType::offer));
    bench.pass(4900ms);
    bench.sent();
    bench.pass(100ms);
    const Message request = bench.sent().back();
    EXPECT_EQ(request.type, MessageType::request);
    EXPECT_EQ(request.options.address(option::server_id), server_one);
    return request;
}

TEST(RootPathInTheAck, is_found_once_no_better_offer_has_come_for_some_seconds) {
    Bench bench;
    bench.give(with_root_path(reply(look_into_ack(bench), MessageType::ack)));
    ASSERT_EQ(bench.client.state(), State::bound);
    EXPECT_EQ(bench.all<Bound>().at(0).lease.root_path, root_path);
}

TEST(RootPathInTheAck, that_is_not_there_either_is_no_lease_and_others_are_asked) {
    Bench bench;
    const Message request = look_into_ack(bench);
    bench.log();
    bench.give(reply(request, MessageType::ack));
    EXPECT_EQ(bench.log(), "the answer of 10.0.0.1 has no root path (option 17) either\n");
    EXPECT_TRUE(bench.all<Bound>().empty());
    EXPECT_FALSE(bench.client.lease());
    EXPECT_EQ(bench.client.state(), State::selecting);

    while (bench.time < Moment(36s)) {
        const Message discover = bench.sent_next();
        EXPECT_EQ(discover.type, MessageType::discover);
        EXPECT_EQ(discover.transaction, request.transaction) << "a slow server's offer counts";
        bench.give(reply(discover, MessageType::offer));
    }
    EXPECT_NE(bench.log().find("no usable DHCP offer yet"), std::string::npos);
    bench.pass(60s);
    const auto later = bench.sent();
    EXPECT_TRUE(std::ranges::any_of(later, [](const Message& message) {
        return message.type == MessageType::request;
    })) << "somebody may have mended it";
}

TEST(RootPathInTheAck, that_cannot_be_used_is_told_as_one_in_an_offer) {
    Bench bench({.find_flaw = [](const Lease&) { return std::string("it is wrong"); }});
    bench.give(with_root_path(reply(look_into_ack(bench), MessageType::ack)));
    EXPECT_EQ(bench.client.state(), State::selecting);
    EXPECT_EQ(bench.client.flaw(), "it is wrong");
    EXPECT_NE(bench.log().find("the answer of 10.0.0.1 cannot be used: it is wrong"),
              std::string::npos);
}

TEST(RootPathInTheAck, is_not_waited_for_when_a_better_offer_comes_late) {
    Bench bench;
    const Message request = look_into_ack(bench);
    bench.give(reply(request, MessageType::offer, server_two));
    EXPECT_TRUE(bench.sent().empty()) << "one that is no better";
    bench.give(with_root_path(reply(request, MessageType::offer, server_two)));
    const Message better = bench.sent_one();
    EXPECT_EQ(better.type, MessageType::request);
    EXPECT_EQ(better.options.address(option::server_id), server_two);
    bench.give(reply(request, MessageType::ack));
    EXPECT_EQ(bench.client.state(), State::requesting);
    bench.give(with_root_path(reply(better, MessageType::ack, server_two)));
    EXPECT_EQ(bench.client.state(), State::bound);
}

TEST(RootPathInTheAck, is_not_looked_for_where_a_refusal_or_silence_came_instead) {
    for (const bool refuses : {false, true}) {
        Bench bench;
        const Message request = look_into_ack(bench);
        if (refuses) bench.give(reply(request, MessageType::nak));
        bench.pass(10s);
        const Message discover = bench.sent().back();
        EXPECT_EQ(discover.type, MessageType::discover);
        bench.give(reply(discover, MessageType::offer));
        bench.pass(6s);
        for (const Message& message : bench.sent())
            EXPECT_EQ(message.type, MessageType::discover) << refuses;
    }
}

}  // namespace
}  // namespace bootwire::dhcp
