// What both sides of a negotiation conclude is the same, whatever each of them wants and whoever
// is silent.
#include <gtest/gtest.h>

#include <random>
#include <string_view>

#include "dialogue.h"

namespace bootwire::iscsi {
namespace {

OperationalPreferences any_preferences(std::mt19937& random) {
    const auto number = [&](uint32_t from, uint32_t to) {
        return std::uniform_int_distribution<uint32_t>(from, to)(random);
    };
    const auto length = [&] { return uint32_t{512} << number(0, 15); };
    OperationalPreferences any;
    any.header_digest = static_cast<DigestPreference>(number(0, 3));
    any.data_digest = static_cast<DigestPreference>(number(0, 3));
    any.max_connections = number(1, 8);
    any.initial_r2t = number(0, 1) != 0;
    any.immediate_data = number(0, 1) != 0;
    any.max_recv_data_segment_length = length();
    any.max_burst_length = length();
    any.first_burst_length = length();
    any.default_time2wait_s = number(0, 30);
    any.default_time2retain_s = number(0, 30);
    any.max_outstanding_r2t = number(1, 8);
    any.data_pdu_in_order = number(0, 1) != 0;
    any.data_sequence_in_order = number(0, 1) != 0;
    any.error_recovery_level = number(0, 2);
    return any;
}

void expect_the_same(const OperationalParameters& initiator, const OperationalParameters& target) {
    EXPECT_EQ(initiator.header_digest, target.header_digest);
    EXPECT_EQ(initiator.data_digest, target.data_digest);
    EXPECT_EQ(initiator.max_connections, target.max_connections);
    EXPECT_EQ(initiator.initial_r2t, target.initial_r2t);
    EXPECT_EQ(initiator.immediate_data, target.immediate_data);
    EXPECT_EQ(initiator.max_burst, target.max_burst);
    EXPECT_EQ(initiator.first_burst, target.first_burst);
    EXPECT_EQ(initiator.max_outstanding_r2t, target.max_outstanding_r2t);
    EXPECT_EQ(initiator.pdu_in_order, target.pdu_in_order);
    EXPECT_EQ(initiator.sequence_in_order, target.sequence_in_order);
    EXPECT_EQ(initiator.erl, target.erl);
    EXPECT_EQ(initiator.max_xmit_dlength, target.max_recv_dlength);
    EXPECT_EQ(initiator.max_recv_dlength, target.max_xmit_dlength);
    EXPECT_FALSE(initiator.first_burst_cut);
    EXPECT_FALSE(target.first_burst_cut);
    EXPECT_LE(target.first_burst, target.max_burst);
}

bool digests_suit(const OperationalPreferences& a, const OperationalPreferences& b) {
    const auto suit = [](DigestPreference one, DigestPreference other) {
        using enum DigestPreference;
        return !(one == none_only && other == crc32c_only) &&
               !(one == crc32c_only && other == none_only);
    };
    return suit(a.header_digest, b.header_digest) && suit(a.data_digest, b.data_digest);
}

TEST(NegotiationOfBothSides, comes_to_the_same_for_any_wishes) {
    std::mt19937 random(7143);
    size_t agreed = 0;
    for (int i = 0; i < 2000; ++i) {
        const auto wishes = any_preferences(random), its_wishes = any_preferences(random);
        Dialogue initiator(Role::initiator, wishes);
        Dialogue target(Role::target, its_wishes);
        const std::string answers = target.converse(initiator.offers());
        const std::string declared = target.offers();
        EXPECT_EQ(initiator.converse(answers + declared), "");
        if (!digests_suit(wishes, its_wishes)) {
            EXPECT_TRUE(target.problem() == KeyProblem::nothing_in_common ||
                        initiator.problem() == KeyProblem::nothing_in_common);
            continue;
        }
        ++agreed;
        EXPECT_EQ(target.problem(), KeyProblem::none) << answers;
        EXPECT_EQ(initiator.problem(), KeyProblem::none) << answers;
        EXPECT_EQ(target.finish(), KeyProblem::none);
        EXPECT_EQ(initiator.finish(), KeyProblem::none);
        expect_the_same(initiator.result(), target.result());
    }
    EXPECT_GT(agreed, 1000u);
}

/// An initiator that says nothing (iPXE says little), and goes by the defaults.
TEST(NegotiationOfBothSides, comes_to_the_same_with_an_initiator_that_only_answers) {
    std::mt19937 random(3720);
    for (int i = 0; i < 2000; ++i) {
        OperationalPreferences anything;
        anything.initial_r2t = false;
        anything.max_connections = 65535;
        anything.max_outstanding_r2t = 65535;
        anything.max_burst_length = anything.first_burst_length = 0xffffff;
        anything.error_recovery_level = 2;
        anything.data_pdu_in_order = anything.data_sequence_in_order = false;
        Dialogue initiator(Role::initiator, anything);
        Dialogue target(Role::target, any_preferences(random));
        EXPECT_EQ(target.converse(initiator.converse(target.offers())), "");
        ASSERT_EQ(target.problem(), KeyProblem::none);
        ASSERT_EQ(target.finish(), KeyProblem::none);
        ASSERT_EQ(initiator.finish(), KeyProblem::none);
        auto of_target = target.result();
        of_target.max_xmit_dlength = initiator.result().max_recv_dlength;  // nobody told it
        // The default of FirstBurstLength holds beside a smaller burst that the target offered.
        expect_the_same(initiator.result(), of_target);
    }
}

TEST(NegotiationSilence, leaves_the_defaults_in_force_on_both_sides) {
    OperationalPreferences none;
    none.immediate_data = false;
    none.max_burst_length = 4096;
    Dialogue target(Role::target, none);
    EXPECT_EQ(target.finish(), KeyProblem::nothing_in_common)
        << "the initiator concludes that it may send immediate data, and so may it";
    EXPECT_TRUE(target.result().immediate_data);
    Dialogue easy(Role::target);
    EXPECT_EQ(easy.finish(), KeyProblem::none);
    EXPECT_EQ(easy.result().max_burst, 262144u);
    EXPECT_EQ(easy.result().first_burst, 65536u);
}

TEST(NegotiationSilence, lets_an_initiator_do_less_than_it_may) {
    OperationalPreferences none;
    none.immediate_data = false;
    none.first_burst_length = 4096;
    Dialogue initiator(Role::initiator, none);
    initiator.offers();
    EXPECT_EQ(initiator.finish(), KeyProblem::none);
    EXPECT_FALSE(initiator.result().immediate_data);
    EXPECT_EQ(initiator.result().first_burst, 4096u);
}

TEST(NegotiationSilence, is_broken_by_a_target_where_the_default_does_not_suit_it) {
    OperationalPreferences wishes;
    wishes.immediate_data = false;
    wishes.max_burst_length = 65536;
    wishes.data_digest = DigestPreference::crc32c_only;
    Dialogue target(Role::target, wishes);
    EXPECT_EQ(target.converse("MaxBurstLength=1024;"), "MaxBurstLength=1024;");
    EXPECT_EQ(target.offers(),
              "DataDigest=CRC32C;ImmediateData=No;MaxRecvDataSegmentLength=262144;");
    EXPECT_EQ(target.converse("DataDigest=CRC32C;ImmediateData=No;"), "");
    EXPECT_EQ(target.finish(), KeyProblem::none);
    EXPECT_FALSE(target.result().immediate_data);
    EXPECT_TRUE(target.result().data_digest);
    Dialogue plain(Role::target);
    EXPECT_EQ(plain.offers(), "MaxRecvDataSegmentLength=262144;") << "nothing has to be answered";
}

TEST(NegotiationOffers, are_made_once_however_often_they_are_asked_for) {
    for (const Role role : {Role::initiator, Role::target}) {
        OperationalPreferences wishes;
        wishes.immediate_data = false;
        Dialogue side(role, wishes);
        EXPECT_NE(side.offers().find("MaxRecvDataSegmentLength=262144;"), std::string::npos);
        EXPECT_EQ(side.offers(), "");
    }
}

TEST(NegotiationOffers, of_a_first_burst_are_answered_within_the_burst_whichever_comes_first) {
    Dialogue target(Role::target);
    EXPECT_EQ(target.converse("FirstBurstLength=65536;MaxBurstLength=1024;InitialR2T=No;"),
              "MaxBurstLength=1024;InitialR2T=No;FirstBurstLength=1024;");
    EXPECT_EQ(target.result().first_burst, 1024u);
    Dialogue other(Role::target);
    EXPECT_EQ(other.converse("MaxBurstLength=1024;FirstBurstLength=65536;"),
              "MaxBurstLength=1024;FirstBurstLength=1024;");
    OperationalPreferences small;
    small.max_burst_length = 2048;
    Dialogue modest(Role::target, small);
    EXPECT_EQ(modest.converse("FirstBurstLength=65536;"), "FirstBurstLength=2048;");
    Dialogue initiator(Role::initiator);
    EXPECT_EQ(initiator.converse("FirstBurstLength=65536;MaxBurstLength=1024;"),
              "MaxBurstLength=1024;FirstBurstLength=1024;");
}

/// From the other side they are not understood (Declarations in operational_keys_test.cpp).
TEST(NegotiationDeclarations, are_taken_once_from_the_side_that_they_belong_to) {
    Dialogue target(Role::target);
    EXPECT_EQ(target.receive("InitiatorAlias", "pi"), KeyProblem::none);
    EXPECT_EQ(target.receive("InitiatorAlias", "pi"), KeyProblem::none);
    EXPECT_EQ(target.result().repeated_key, "InitiatorAlias");
    EXPECT_EQ(target.receive("InitiatorAlias", "another"), KeyProblem::repeated);
    EXPECT_EQ(target.take(), "");
    Dialogue another(Role::target);
    EXPECT_EQ(another.receive("InitiatorAlias", std::string(256, 'a')), KeyProblem::illegal_value);
}

}  // namespace
}  // namespace bootwire::iscsi
