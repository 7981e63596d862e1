// The numbers of the keys are those of RFC 7143 sections 13.1 to 13.20, and all of them are on
// offer.
#include <gtest/gtest.h>

#include "dialogue.h"

namespace bootwire::iscsi {
namespace {

struct Numbers {
    std::string_view name;
    uint32_t minimum, maximum, preset;
    bool in_discovery;
};

/// In the order of `Key`; a boolean's Yes is 1, and so is the digest CRC32C.
constexpr std::array<Numbers, key_count> of_the_rfc{{
    {"HeaderDigest", 0, 1, 0, true},
    {"DataDigest", 0, 1, 0, true},
    {"MaxConnections", 1, 65535, 1, false},
    {"InitialR2T", 0, 1, 1, false},
    {"ImmediateData", 0, 1, 1, false},
    {"MaxRecvDataSegmentLength", 512, 16777215, 8192, true},
    {"MaxBurstLength", 512, 16777215, 262144, false},
    {"FirstBurstLength", 512, 16777215, 65536, false},
    {"DefaultTime2Wait", 0, 3600, 2, true},
    {"DefaultTime2Retain", 0, 3600, 20, true},
    {"MaxOutstandingR2T", 1, 65535, 1, false},
    {"DataPDUInOrder", 0, 1, 1, false},
    {"DataSequenceInOrder", 0, 1, 1, false},
    {"ErrorRecoveryLevel", 0, 2, 0, true},
}};

TEST(OperationalKeys, have_the_ranges_and_defaults_of_the_rfc) {
    for (size_t i = 0; i < key_count; ++i) {
        const KeyRule& rule = rule_of(static_cast<Key>(i));
        EXPECT_EQ(rule.name, of_the_rfc[i].name);
        EXPECT_EQ(rule.minimum, of_the_rfc[i].minimum) << rule.name;
        EXPECT_EQ(rule.maximum, of_the_rfc[i].maximum) << rule.name;
        EXPECT_EQ(rule.preset, of_the_rfc[i].preset) << rule.name;
        EXPECT_EQ(rule.in_discovery, of_the_rfc[i].in_discovery) << rule.name;
    }
}

TEST(OperationalKeys, with_numbers_are_taken_to_both_ends_of_their_range_and_not_beyond) {
    for (const char* name : {"MaxConnections", "MaxRecvDataSegmentLength", "MaxBurstLength",
                             "FirstBurstLength", "MaxOutstandingR2T", "ErrorRecoveryLevel"}) {
        const auto& key = *std::ranges::find(of_the_rfc, std::string_view(name), &Numbers::name);
        const auto answer_to = [&](uint64_t value) {
            Dialogue target(Role::target);
            target.receive(name, std::to_string(value));
            return target.take();
        };
        const std::string refusal = std::string(name) + "=Reject;";
        EXPECT_NE(answer_to(key.minimum), refusal) << name;
        EXPECT_NE(answer_to(key.maximum), refusal) << name;
        if (std::string_view(name) == "MaxRecvDataSegmentLength") continue;  // it is not answered
        EXPECT_EQ(answer_to(uint64_t{key.maximum} + 1), refusal) << name;
        EXPECT_TRUE(key.minimum == 0 || answer_to(key.minimum - 1) == refusal) << name;
    }
    for (const auto& [value, problem] : {std::pair{"511", KeyProblem::illegal_value},
                                         {"512", KeyProblem::none},
                                         {"16777215", KeyProblem::none},
                                         {"16777216", KeyProblem::illegal_value}}) {
        EXPECT_EQ(Dialogue(Role::target).receive("MaxRecvDataSegmentLength", value), problem)
            << value;
    }
}

TEST(OperationalKeys, are_offered_all_in_a_normal_session) {
    EXPECT_EQ(Dialogue(Role::initiator).offers(),
              "HeaderDigest=None,CRC32C;DataDigest=None,CRC32C;MaxConnections=1;InitialR2T=No;"
              "ImmediateData=Yes;MaxRecvDataSegmentLength=262144;MaxBurstLength=16776192;"
              "FirstBurstLength=262144;DefaultTime2Wait=2;DefaultTime2Retain=0;"
              "MaxOutstandingR2T=1;DataPDUInOrder=Yes;DataSequenceInOrder=Yes;"
              "ErrorRecoveryLevel=0;");
}

TEST(OperationalKeys, are_offered_in_a_discovery_session_as_far_as_they_mean_something_there) {
    EXPECT_EQ(Dialogue(Role::initiator, {}, SessionType::discovery).offers(),
              "HeaderDigest=None,CRC32C;DataDigest=None,CRC32C;MaxRecvDataSegmentLength=262144;"
              "DefaultTime2Wait=2;DefaultTime2Retain=0;ErrorRecoveryLevel=0;");
}

TEST(OperationalKeys, that_the_peer_has_offered_are_not_offered_again_but_each_side_declares) {
    Dialogue initiator(Role::initiator);
    initiator.receive("InitialR2T", "Yes");
    initiator.receive("MaxRecvDataSegmentLength", "4096");
    EXPECT_EQ(initiator.take(), "InitialR2T=Yes;");
    const std::string offers = initiator.offers();
    EXPECT_EQ(offers.find("InitialR2T"), offers.npos);
    EXPECT_NE(offers.find("MaxRecvDataSegmentLength=262144;"), offers.npos);
    EXPECT_EQ(initiator.result().max_xmit_dlength, 4096u);
}

TEST(OperationalKeys, of_digests_are_agreed_on_as_this_side_wants_them) {
    const auto answered = [](DigestPreference preference, std::string_view value) {
        OperationalPreferences preferences;
        preferences.header_digest = preference;
        Dialogue initiator(Role::initiator, preferences);
        initiator.offers();
        const KeyProblem problem = initiator.receive("HeaderDigest", value);
        return std::pair(problem, initiator.result().header_digest);
    };
    using enum DigestPreference;
    EXPECT_EQ(answered(none_only, "None"), std::pair(KeyProblem::none, false));
    EXPECT_EQ(answered(crc32c_only, "CRC32C"), std::pair(KeyProblem::none, true));
    EXPECT_EQ(answered(crc32c_only, "None").first, KeyProblem::not_offered);
    EXPECT_EQ(answered(none_only, "CRC32C").first, KeyProblem::not_offered);
    EXPECT_EQ(answered(crc32c_only, "Reject").first, KeyProblem::nothing_in_common);
    EXPECT_EQ(answered(crc32c_first, "Irrelevant"), std::pair(KeyProblem::none, false));
}

TEST(OperationalKeys, that_nobody_answered_and_that_cannot_be_left_so_are_named) {
    for (const bool header : {false, true}) {
        OperationalPreferences preferences;
        (header ? preferences.header_digest : preferences.data_digest) =
            DigestPreference::crc32c_only;
        Negotiation negotiation(Role::initiator, SessionType::normal, preferences);
        std::string_view key;
        EXPECT_EQ(negotiation.finish(key), KeyProblem::nothing_in_common);
        EXPECT_EQ(key, header ? "HeaderDigest" : "DataDigest");
    }
}

TEST(Declarations, of_the_target_are_its_alias_and_the_tag_of_its_portal_group) {
    EXPECT_EQ(Dialogue(Role::initiator).receive("TargetAlias", std::string(255, 'a')),
              KeyProblem::none);
    EXPECT_EQ(Dialogue(Role::initiator).receive("TargetAlias", std::string(256, 'a')),
              KeyProblem::illegal_value);
    for (const auto& [tag, number] : {std::pair{"0", 0}, {"1", 1}, {"65535", 65535}}) {
        Dialogue initiator(Role::initiator);
        EXPECT_EQ(initiator.receive("TargetPortalGroupTag", tag), KeyProblem::none);
        EXPECT_EQ(initiator.result().target_portal_group_tag, number);
    }
    for (const char* none : {"65536", "one", ""}) {
        EXPECT_EQ(Dialogue(Role::initiator).receive("TargetPortalGroupTag", none),
                  KeyProblem::illegal_value);
    }
}

TEST(Declarations, of_one_side_are_not_understood_from_the_other) {
    Dialogue initiator(Role::initiator);
    initiator.receive("InitiatorAlias", "pi");
    EXPECT_EQ(initiator.take(), "InitiatorAlias=NotUnderstood;");
    Dialogue target(Role::target);
    target.receive("TargetAlias", "disk");
    target.receive("TargetPortalGroupTag", "1");
    EXPECT_EQ(target.take(), "TargetAlias=NotUnderstood;TargetPortalGroupTag=NotUnderstood;");
    EXPECT_EQ(target.result().target_portal_group_tag, 0);
}

}  // namespace
}  // namespace bootwire::iscsi
