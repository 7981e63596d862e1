// Which offers are waited for, looked into and told of; and what of that is a warning.
#include <algorithm>

#include "fixed_client.h"

namespace bootwire::dhcp {
namespace {

const ClientSettings with_flaws{.find_flaw = [](const Lease&) { return std::string("no good"); }};

size_t requests(const Fixed& fixed) {
    return static_cast<size_t>(
        std::ranges::count(fixed.sent, MessageType::request, &Message::type));
}

TEST(Offers, that_come_later_do_not_postpone_the_choice) {
    Fixed fixed(0, {.root_path = RootPathPolicy::preferred});
    const Message discover = fixed.sent.back();
    fixed.give(reply(discover, MessageType::offer));
    fixed.sending_until(Moment(1s));
    fixed.time = Moment(1s);
    fixed.give(reply(discover, MessageType::offer, server_two));
    fixed.sending_until(Moment(2499ms));
    EXPECT_EQ(requests(fixed), 0u);
    fixed.sending_until(Moment(2500ms));
    EXPECT_EQ(requests(fixed), 1u);
    EXPECT_EQ(fixed.sent.back().options.address(option::server_id), server_one) << "the first";
}

TEST(Offers, whose_root_path_is_known_to_be_wrong_are_not_looked_into) {
    Fixed flawed(0, with_flaws);
    flawed.give(with_root_path(reply(flawed.sent.back(), MessageType::offer)));
    flawed.sending_until(Moment(20s));
    EXPECT_EQ(requests(flawed), 0u);

    Fixed committed(0);
    Message ack = reply(committed.sent.back(), MessageType::ack);
    ack.options.add(option::rapid_commit, {});
    committed.give(ack);
    committed.sending_until(Moment(20s));
    EXPECT_EQ(requests(committed), 0u) << "the ACK has been seen";
}

/// The request to a server that leaves out the root path, after five seconds, and its answer.
void look_in_vain(Fixed& fixed) {
    fixed.give(reply(fixed.sent.back(), MessageType::offer));
    fixed.sending_until(Moment(4999ms));
    ASSERT_EQ(requests(fixed), 0u);
    fixed.sending_until(Moment(5s));
    ASSERT_EQ(requests(fixed), 1u);
    fixed.give(reply(fixed.sent.back(), MessageType::ack));
    ASSERT_EQ(fixed.client.state(), State::selecting);
}

TEST(Offers, without_a_root_path_are_looked_into_after_5_s_and_again_after_30_s) {
    Fixed early(0), late(0);
    for (Fixed* fixed : {&early, &late})
        look_in_vain(*fixed);
    early.sending_until(Moment(34s));
    early.time = Moment(34999ms);
    early.give(reply(early.sent.back(), MessageType::offer));
    early.sending_until(Moment(60s));
    EXPECT_EQ(requests(early), 1u);
    late.sending_until(Moment(34s));
    late.time = Moment(35s);
    late.give(reply(late.sent.back(), MessageType::offer));
    late.sending_until(Moment(39999ms));
    EXPECT_EQ(requests(late), 1u);
    late.sending_until(Moment(40s));
    EXPECT_EQ(requests(late), 2u);
}

TEST(Offers, without_a_root_path_are_told_of_as_such_whatever_root_paths_are_good_for) {
    Fixed fixed(0, with_flaws);
    fixed.give(reply(fixed.sent.back(), MessageType::offer));
    EXPECT_EQ(fixed.log.back(),
              "DHCP offer without root path (option 17) from 10.0.0.1, waiting for a better one");
    EXPECT_TRUE(fixed.warnings.empty());
    EXPECT_EQ(fixed.client.flaw(), "");
    EXPECT_TRUE(fixed.client.saw_unusable_offer());
}

using Lines = std::vector<std::string>;

TEST(Warnings, are_what_somebody_may_have_to_mend) {
    Fixed flawed(0, with_flaws);
    flawed.give(with_root_path(reply(flawed.sent.back(), MessageType::offer)));
    EXPECT_EQ(flawed.warnings,
              Lines{"DHCP offer from 10.0.0.1, waiting for a better one: no good"});

    Fixed malformed(0);
    auto bytes = build_message(reply(malformed.sent.back(), MessageType::offer));
    bytes[1] = 7;
    for (int i = 0; i < 2; ++i)
        malformed.note(malformed.client.on_message(bytes, malformed.time));
    EXPECT_EQ(malformed.warnings, Lines{"a DHCP answer is passed over: the DHCP message is not for "
                                        "an Ethernet address"})
        << "once";

    Fixed nameless(0);
    for (int i = 0; i < 2; ++i) {
        nameless.give(with_root_path(unnamed(reply(nameless.sent.back(), MessageType::offer))));
    }
    EXPECT_EQ(nameless.warnings,
              Lines{"a DHCP offer is passed over: it does not name its server (option 54)"});

    Fixed silent(0);
    silent.give(with_root_path(reply(silent.sent.back(), MessageType::offer)));
    silent.sending_until(Moment(5250ms));
    EXPECT_EQ(silent.warnings, Lines{"DHCP server 10.0.0.1 does not answer the request for its "
                                     "offer, asking all again"});

    Fixed refused(0);
    refused.give(with_root_path(reply(refused.sent.back(), MessageType::offer)));
    refused.give(reply(refused.sent.back(), MessageType::nak));
    EXPECT_EQ(refused.warnings, Lines{"DHCP server 10.0.0.1 refuses"});
}

TEST(Warnings, are_not_what_always_happens) {
    Fixed fixed(0);
    fixed.sending_until(Moment(1s));
    fixed.bind(3600);
    fixed.sending_until(Moment(1800s));
    EXPECT_TRUE(fixed.warnings.empty());
    EXPECT_EQ(fixed.log, (Lines{"no DHCP answer yet, asking again (attempt 2)",
                                "DHCP offers 10.0.0.50/24 from 10.0.0.1",
                                "DHCP lease 10.0.0.50/8 from 10.0.0.1 for 3600 s"}));
}

TEST(LeaseWords, say_how_long_it_is) {
    for (const auto& [seconds, words] : {std::pair{0xffffffffu, "for ever"},
                                         {0xfffffffeu, "for 4294967294 s"},
                                         {10u, "for 10 s"}}) {
        Fixed fixed(0);
        fixed.bind(seconds);
        EXPECT_EQ(fixed.log.back(), std::string("DHCP lease 10.0.0.50/8 from 10.0.0.1 ") + words);
    }
}

TEST(Messages, leave_out_what_there_is_none_of) {
    Fixed nothing(0, {.identity = {.vendor_class = ""}, .rapid_commit = false});
    const Options& options = nothing.sent.back().options;
    for (const uint8_t code : {option::vendor_class, option::host_name, option::client_fqdn,
                               option::client_id, option::rapid_commit, option::requested_address})
        EXPECT_FALSE(options.has(code)) << int{code};
    Fixed all(0, {.identity = {.host_name = "pi."}, .wish = leased});
    EXPECT_EQ(all.sent.back().options.text(option::host_name), "pi");
    EXPECT_EQ(all.sent.back().options.text(option::vendor_class), "bootwire");
    EXPECT_EQ(all.sent.back().options.address(option::requested_address), leased);
    Fixed dot(0, {.identity = {.host_name = "."}});
    EXPECT_FALSE(dot.sent.back().options.has(option::host_name));
}

TEST(LeasedMtu, is_none_where_none_was_given) {
    EXPECT_FALSE(Lease{}.usable_mtu());
}

}  // namespace
}  // namespace bootwire::dhcp
