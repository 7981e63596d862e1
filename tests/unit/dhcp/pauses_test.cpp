// How long the client waits for what, between the ends that chance may reach; and what it counts.
#include "dhcp/arp.h"
#include "fixed_client.h"

namespace bootwire::dhcp {
namespace {

TEST(Pauses, between_attempts_grow_and_are_three_to_five_quarters_of_the_usual) {
    Fixed shortest(0);
    const std::vector<Milliseconds> quickly = {750ms,   2250ms,  5250ms,  11250ms, 17250ms, 23250ms,
                                               29250ms, 35250ms, 47250ms, 69750ms, 92250ms};
    EXPECT_EQ(shortest.sending_until(Moment(93s)), quickly);
    Fixed longest(500);
    EXPECT_EQ(longest.client.next_deadline(), Moment(1250));
    Fixed around(501);
    EXPECT_EQ(around.client.next_deadline(), Moment(750));
}

TEST(Pauses, do_not_end_before_their_time) {
    Fixed fixed(0);
    fixed.note(fixed.client.on_timer(Moment(749)));
    EXPECT_EQ(fixed.sent.size(), 1u);
    fixed.note(fixed.client.on_timer(Moment(750)));
    EXPECT_EQ(fixed.sent.size(), 2u);
}

TEST(Pauses, are_told_in_seconds_as_far_as_the_field_goes) {
    Fixed fixed(0);
    fixed.sending_until(Moment(29250ms));
    EXPECT_EQ(fixed.sent.back().seconds, 29);
    fixed.sending_until(Moment(20h));
    EXPECT_EQ(fixed.sent.back().seconds, 0xffff);
}

TEST(Attempts, are_counted_in_what_is_told) {
    Fixed fixed(0);
    fixed.sending_until(Moment(3s));
    EXPECT_EQ(fixed.log, (std::vector<std::string>{
                             "no DHCP answer yet, asking again (attempt 2)",
                             "no DHCP answer yet, asking again (attempt 3)",
                         }));
}

TEST(Attempts, are_told_of_without_a_word_about_a_better_offer_once_there_is_one_to_take) {
    Fixed fixed(0, {.root_path = RootPathPolicy::preferred});
    fixed.give(reply(fixed.sent.back(), MessageType::offer));
    ASSERT_EQ(fixed.log.size(), 1u);
    fixed.sending_until(Moment(2400ms));
    EXPECT_EQ(fixed.log.size(), 1u);
    EXPECT_TRUE(fixed.client.saw_unusable_offer());
}

TEST(Requests, are_three_and_the_third_has_its_time_too) {
    Fixed fixed(0);
    fixed.give(with_root_path(reply(fixed.sent.back(), MessageType::offer)));
    EXPECT_EQ(fixed.sending_until(Moment(5249ms)), (std::vector<Milliseconds>{750ms, 2250ms}));
    EXPECT_EQ(fixed.sending_until(Moment(5250ms)), (std::vector<Milliseconds>{5250ms}));
    EXPECT_EQ(fixed.sent.back().type, MessageType::discover);
}

TEST(Offers, of_eight_servers_are_told_of_one_by_one) {
    Fixed fixed(0);
    for (uint8_t i = 1; i <= 10; ++i) {
        fixed.give(reply(fixed.sent.back(), MessageType::offer, IpAddress::v4(10, 0, 0, i)));
        EXPECT_EQ(fixed.log.size(), std::min<size_t>(i, 8));
    }
}

TEST(Renewing, begins_up_to_a_sixteenth_early_so_that_not_all_do_it_at_once) {
    for (const auto& [number, at] :
         {std::pair{0u, 1800s}, {100u, 1700s}, {112u, 1688s}, {113u, 1800s}}) {
        Fixed fixed(number);
        fixed.bind(3600);
        fixed.sending_until(Moment(3s));  // the announcement
        EXPECT_EQ(fixed.client.next_deadline(), Moment(at)) << number;
    }
}

TEST(Renewing, of_a_short_lease_repeats_after_a_twentieth_of_it) {
    // T1 at half, T2 at 7/8 of it, and three quarters of half of what is left, or of the least.
    Fixed hour(0);
    hour.bind(3600);
    EXPECT_EQ(hour.sending_until(Moment(3149s)),
              (std::vector<Milliseconds>{1800s, 2306250ms, 2622657ms, 2820411ms, 2944007ms,
                                         3021254ms, 3069534ms, 3114534ms}));
    Fixed minutes(0);
    minutes.bind(400);
    EXPECT_EQ(minutes.sending_until(Moment(349s)),
              (std::vector<Milliseconds>{200s, 256250ms, 291407ms, 313379ms, 328379ms, 343379ms}));
    Fixed seconds(0);
    seconds.bind(10);
    EXPECT_EQ(seconds.sending_until(Moment(8749ms)), (std::vector<Milliseconds>{5s, 6500ms, 8s}));
}

TEST(Rebinding, begins_at_t2_and_ends_with_the_lease) {
    Fixed fixed(0);
    fixed.bind(80);
    fixed.sending_until(Moment(70s) - 1ms);
    EXPECT_EQ(fixed.client.state(), State::renewing);
    fixed.sending_until(Moment(70s));
    EXPECT_EQ(fixed.client.state(), State::rebinding);
    fixed.sending_until(Moment(80s) - 1ms);
    EXPECT_TRUE(fixed.client.lease());
    fixed.sending_until(Moment(80s));
    EXPECT_FALSE(fixed.client.lease());
}

TEST(Announcement, of_the_address_goes_out_two_seconds_after_the_question_about_it) {
    Fixed fixed(0);
    fixed.bind(3600);
    fixed.sending_until(Moment(3s));
    EXPECT_EQ(fixed.arps, (std::vector<Moment>{Moment(0), Moment(2s)}));
}

TEST(Link, when_it_is_back_the_lease_is_asked_about_eight_times) {
    Fixed fixed(0);
    fixed.bind(36000);
    fixed.sending_until(Moment(3s));
    fixed.sent.clear();
    fixed.time = Moment(100s);
    fixed.note(fixed.client.on_link(true, fixed.time));
    fixed.sending_until(Moment(1000s));
    EXPECT_EQ(fixed.sent.size(), 8u);
    EXPECT_EQ(fixed.client.state(), State::bound);
}

TEST(Link, that_is_away_twice_makes_nothing_start_over) {
    Fixed fixed(0);
    fixed.note(fixed.client.on_link(false, fixed.time));
    EXPECT_EQ(fixed.client.state(), State::init);
    fixed.note(fixed.client.on_link(false, fixed.time));
    EXPECT_FALSE(fixed.client.next_deadline());
    EXPECT_EQ(fixed.sent.size(), 1u);
}

TEST(Conflict, needs_a_question_or_an_answer_about_the_address) {
    const auto packet = build_arp_announcement(other_mac, leased);
    const MacAddress own[] = {own_mac};
    for (const auto& [operation, counts] :
         {std::pair{0, false}, {1, true}, {2, true}, {3, false}, {0x101, false}}) {
        std::vector<uint8_t> changed(packet.begin(), packet.end());
        store_be16(&changed[6], static_cast<uint16_t>(operation));
        EXPECT_EQ(find_conflict(changed, leased, own).has_value(), counts) << operation;
    }
}

TEST(ArpPackets, have_the_bytes_of_rfc_5227) {
    const std::vector<uint8_t> probe = {0, 1, 8, 0, 6, 4, 0, 1, 0xdc, 0xa6, 0x32, 1, 2, 3,
                                        0, 0, 0, 0, 0, 0, 0, 0, 0,    0,    10,   0, 0, 50};
    std::vector<uint8_t> announcement = probe;
    announcement[14] = 10;
    announcement[17] = 50;
    EXPECT_TRUE(std::ranges::equal(build_arp_probe(own_mac, leased), probe));
    EXPECT_TRUE(std::ranges::equal(build_arp_announcement(own_mac, leased), announcement));
}

TEST(Messages, that_are_too_short_to_name_a_machine_are_passed_over) {
    Fixed fixed(0);
    const auto whole = build_message(reply(fixed.sent.back(), MessageType::offer));
    for (const size_t size : {0u, 4u, 33u})
        fixed.note(fixed.client.on_message(Bytes(whole).first(size), fixed.time));
    EXPECT_TRUE(fixed.log.empty());
    fixed.note(fixed.client.on_message(Bytes(whole).first(34), fixed.time));
    EXPECT_EQ(fixed.log, (std::vector<std::string>{"a DHCP answer is passed over: a DHCP message "
                                                   "cannot have 34 bytes"}));
}

TEST(Messages, ask_first_for_what_is_needed_most_and_say_how_much_fits) {
    Fixed fixed(0);
    const Options& options = fixed.sent.back().options;
    EXPECT_EQ(options.u16(option::max_message_size), 1472);
    const std::vector<uint8_t> wanted = {1,  121, 3,  17, 249, 6,  224, 203, 12, 15,
                                         26, 51,  54, 58, 59,  42, 7,   150, 66};
    EXPECT_TRUE(std::ranges::equal(*options.find(option::parameter_list), wanted));
}

}  // namespace
}  // namespace bootwire::dhcp
