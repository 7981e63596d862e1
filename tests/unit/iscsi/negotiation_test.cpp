#include <gtest/gtest.h>

#include "dialogue.h"

namespace bootwire::iscsi {
namespace {

TEST(NegotiationDefaults, are_those_of_the_rfc) {
    const OperationalParameters result = Dialogue(Role::target).result();
    EXPECT_FALSE(result.header_digest);
    EXPECT_FALSE(result.data_digest);
    EXPECT_EQ(result.max_connections, 1u);
    EXPECT_TRUE(result.initial_r2t);
    EXPECT_TRUE(result.immediate_data);
    EXPECT_EQ(result.max_xmit_dlength, 8192u);
    EXPECT_EQ(result.max_burst, 262144u);
    EXPECT_EQ(result.first_burst, 65536u);
    EXPECT_EQ(result.default_time2wait_s, 2u);
    EXPECT_EQ(result.default_time2retain_s, 20u);
    EXPECT_EQ(result.max_outstanding_r2t, 1u);
    EXPECT_TRUE(result.pdu_in_order);
    EXPECT_TRUE(result.sequence_in_order);
    EXPECT_EQ(result.erl, 0u);
}

TEST(NegotiationAnswers, are_taken_if_the_offer_allows_them) {
    Dialogue initiator(Role::initiator);
    initiator.offers();
    for (const auto& [key, value] : std::initializer_list<std::pair<const char*, const char*>>{
             {"HeaderDigest", "CRC32C"},
             {"DataDigest", "None"},
             {"InitialR2T", "Yes"},
             {"ImmediateData", "No"},
             {"MaxRecvDataSegmentLength", "0x10000"},
             {"MaxBurstLength", "131072"},
             {"FirstBurstLength", "65536"},
             {"DefaultTime2Wait", "5"},
             {"DefaultTime2Retain", "0"},
             {"MaxOutstandingR2T", "1"}}) {
        EXPECT_EQ(initiator.receive(key, value), KeyProblem::none) << key;
    }
    EXPECT_EQ(initiator.take(), "");
    EXPECT_EQ(initiator.finish(), KeyProblem::none);
    const OperationalParameters result = initiator.result();
    EXPECT_TRUE(result.header_digest);
    EXPECT_FALSE(result.data_digest);
    EXPECT_TRUE(result.initial_r2t);
    EXPECT_FALSE(result.immediate_data);
    EXPECT_EQ(result.max_xmit_dlength, 65536u);
    EXPECT_EQ(result.max_recv_dlength, 262144u);
    EXPECT_EQ(result.max_burst, 131072u);
    EXPECT_EQ(result.default_time2wait_s, 5u);
}

KeyProblem answer_to_default_offer(std::string_view key, std::string_view value) {
    Dialogue initiator(Role::initiator);
    initiator.offers();
    return initiator.receive(key, value);
}

TEST(NegotiationAnswers, are_refused_if_the_offer_does_not_allow_them) {
    EXPECT_EQ(answer_to_default_offer("MaxOutstandingR2T", "2"), KeyProblem::not_offered);
    EXPECT_EQ(answer_to_default_offer("DataPDUInOrder", "No"), KeyProblem::not_offered);
    EXPECT_EQ(answer_to_default_offer("ErrorRecoveryLevel", "2"), KeyProblem::not_offered);
    OperationalPreferences preferences;
    preferences.immediate_data = false;
    preferences.data_digest = DigestPreference::none_only;
    Dialogue initiator(Role::initiator, preferences);
    initiator.offers();
    EXPECT_EQ(initiator.receive("ImmediateData", "Yes"), KeyProblem::not_offered);
    EXPECT_EQ(initiator.receive("DataDigest", "CRC32C"), KeyProblem::not_offered);
}

TEST(NegotiationAnswers, are_refused_if_the_key_has_no_such_value) {
    for (const auto& [key, value] : std::initializer_list<std::pair<const char*, const char*>>{
             {"HeaderDigest", "MD5"},
             {"HeaderDigest", "CRC32C,None"},
             {"InitialR2T", "yes"},
             {"MaxBurstLength", "511"},
             {"MaxBurstLength", "16777216"},
             {"MaxBurstLength", "99999999999999"},
             {"MaxBurstLength", "-1"},
             {"MaxBurstLength", ""},
             {"MaxRecvDataSegmentLength", "0"},
             {"DefaultTime2Wait", "soon"},
             {"DefaultTime2Retain", "4294967296"},
             {"ErrorRecoveryLevel", "3"},
             {"TargetPortalGroupTag", "65536"}}) {
        EXPECT_EQ(answer_to_default_offer(key, value), KeyProblem::illegal_value) << key << value;
    }
}

constexpr std::array<std::array<const char*, 3>, 6> twice{{
    {"InitialR2T", "Yes", "No"},
    {"HeaderDigest", "CRC32C", "None"},
    {"FirstBurstLength", "Irrelevant", "512"},
    {"MaxRecvDataSegmentLength", "8192", "8193"},
    {"TargetAlias", "a", "b"},
    {"TargetPortalGroupTag", "1", "2"},
}};

TEST(NegotiationAnswers, come_once) {
    for (const auto& [key, value, other] : twice) {
        Dialogue initiator(Role::initiator);
        initiator.offers();
        EXPECT_EQ(initiator.receive(key, value), KeyProblem::none);
        EXPECT_EQ(initiator.receive(key, other), KeyProblem::repeated) << key;
    }
}

TEST(NegotiationAnswers, may_come_again_with_the_same_value_which_is_noted) {
    for (const auto& [key, value, other] : twice) {
        Dialogue initiator(Role::initiator);
        initiator.offers();
        EXPECT_EQ(initiator.receive(key, value), KeyProblem::none);
        EXPECT_TRUE(initiator.result().repeated_key.empty());
        EXPECT_EQ(initiator.receive(key, value), KeyProblem::none) << key;
        EXPECT_EQ(initiator.result().repeated_key, key);
        EXPECT_EQ(initiator.receive("InitialR2T", "No"),
                  std::string_view(key) == "InitialR2T" ? KeyProblem::repeated : KeyProblem::none);
        EXPECT_EQ(initiator.take(), "") << "nothing is answered";
    }
}

TEST(NegotiationAnswers, about_times_may_be_any_number_since_nothing_hangs_on_it) {
    struct Answer {
        const char *key, *value;
        uint32_t wait, retain;
        bool beyond;
    };
    for (const Answer& answer : {Answer{"DefaultTime2Retain", "20", 2, 0, true},
                                 {"DefaultTime2Retain", "0", 2, 0, false},
                                 {"DefaultTime2Retain", "65535", 2, 0, true},
                                 {"DefaultTime2Wait", "1", 2, 0, true},
                                 {"DefaultTime2Wait", "5", 5, 0, false},
                                 {"DefaultTime2Wait", "3600", 3600, 0, false},
                                 {"DefaultTime2Wait", "3601", 3600, 0, true}}) {
        Dialogue initiator(Role::initiator);
        initiator.offers();
        EXPECT_EQ(initiator.receive(answer.key, answer.value), KeyProblem::none) << answer.value;
        EXPECT_EQ(initiator.finish(), KeyProblem::none);
        const OperationalParameters result = initiator.result();
        EXPECT_EQ(result.default_time2wait_s, answer.wait) << answer.value;
        EXPECT_EQ(result.default_time2retain_s, answer.retain) << answer.value;
        EXPECT_EQ(result.times_beyond_offer, answer.beyond) << answer.value;
    }
}

TEST(NegotiationOffers, that_come_again_are_answered_once) {
    Dialogue initiator(Role::initiator);
    EXPECT_EQ(initiator.receive("HeaderDigest", "CRC32C,None"), KeyProblem::none);
    EXPECT_EQ(initiator.receive("HeaderDigest", "CRC32C,None"), KeyProblem::none);
    EXPECT_EQ(initiator.take(), "HeaderDigest=CRC32C;");
    EXPECT_EQ(initiator.receive("HeaderDigest", "None"), KeyProblem::repeated);
}

TEST(NegotiationAnswers, that_refuse_a_key_leave_its_default_in_force) {
    for (const char* refusal : {"Irrelevant", "Reject", "NotUnderstood"}) {
        Dialogue initiator(Role::initiator);
        initiator.offers();
        EXPECT_EQ(initiator.receive("FirstBurstLength", refusal), KeyProblem::none);
        EXPECT_EQ(initiator.receive("HeaderDigest", refusal), KeyProblem::none);
        EXPECT_EQ(initiator.take(), "");
        EXPECT_EQ(initiator.result().first_burst, 65536u);
        EXPECT_FALSE(initiator.result().header_digest);
    }
}

TEST(NegotiationAnswers, that_never_come_matter_only_where_the_default_does_not_fit) {
    Dialogue modest(Role::initiator);
    modest.offers();
    EXPECT_EQ(modest.finish(), KeyProblem::none);
    EXPECT_EQ(modest.result().default_time2retain_s, 0u);
    OperationalPreferences preferences;
    preferences.header_digest = DigestPreference::crc32c_only;
    Dialogue strict(Role::initiator, preferences);
    strict.offers();
    EXPECT_EQ(strict.finish(), KeyProblem::nothing_in_common);
}

TEST(NegotiationAnswers, never_leave_the_first_burst_above_the_burst) {
    Dialogue initiator(Role::initiator);
    initiator.offers();
    initiator.receive("MaxBurstLength", "512");
    initiator.receive("FirstBurstLength", "65536");
    EXPECT_EQ(initiator.result().first_burst, 512u);
    EXPECT_TRUE(initiator.result().first_burst_cut);
    Dialogue with_default(Role::initiator);
    with_default.offers();
    with_default.receive("MaxBurstLength", "512");
    with_default.receive("FirstBurstLength", "Irrelevant");
    EXPECT_EQ(with_default.result().first_burst, 512u);
    EXPECT_FALSE(with_default.result().first_burst_cut) << "it is not the target's doing";
    Dialogue equal(Role::initiator);
    equal.offers();
    equal.receive("MaxBurstLength", "65536");
    equal.receive("FirstBurstLength", "65536");
    EXPECT_FALSE(equal.result().first_burst_cut);
}

TEST(NegotiationOffers, of_the_peer_are_answered_by_each_key_s_function) {
    OperationalPreferences preferences;
    preferences.header_digest = DigestPreference::none_first;
    preferences.data_digest = DigestPreference::crc32c_only;
    preferences.max_burst_length = 65536;
    preferences.default_time2wait_s = 10;
    preferences.immediate_data = false;
    Dialogue target(Role::target, preferences);
    for (const auto& [key, value, answer] :
         std::initializer_list<std::tuple<const char*, const char*, const char*>>{
             {"HeaderDigest", "X-sum,CRC32C,None", "HeaderDigest=CRC32C;"},
             {"DataDigest", "None", "DataDigest=Reject;"},
             {"MaxBurstLength", "262144", "MaxBurstLength=65536;"},
             {"FirstBurstLength", "1000", "FirstBurstLength=1000;"},
             {"DefaultTime2Wait", "2", "DefaultTime2Wait=10;"},
             {"ImmediateData", "Yes", "ImmediateData=No;"},
             {"InitialR2T", "No", "InitialR2T=No;"},
             {"MaxConnections", "0", "MaxConnections=Reject;"},
             {"OFMarkInt", "1~2", "OFMarkInt=Reject;"},
             {"TaskReporting", "FastAbort,RFC3720", "TaskReporting=RFC3720;"},
             {"TaskReporting", "RFC3720", "TaskReporting=RFC3720;"},
             {"TaskReporting", "ResponseFence,FastAbort", "TaskReporting=Reject;"},
             {"FastAbort", "Yes", "FastAbort=NotUnderstood;"},
             {"IFMarker", "Yes", "IFMarker=Reject;"},
             {"OFMarker", "No", "OFMarker=Reject;"},
             {"IFMarkInt", "1~2", "IFMarkInt=Reject;"},
             {"iSCSIProtocolLevel", "2", "iSCSIProtocolLevel=1;"},
             {"X-com.example.fast", "Yes", "X-com.example.fast=NotUnderstood;"},
             {"Whatever", "Yes", "Whatever=NotUnderstood;"},
             {"Whatever", "NotUnderstood", ""},
             {"InitiatorAlias", "pi", ""},
             {"MaxRecvDataSegmentLength", "4096", ""}}) {
        target.receive(key, value);
        EXPECT_EQ(target.take(), answer) << key;
    }
    EXPECT_EQ(target.result().max_xmit_dlength, 4096u);
    EXPECT_EQ(target.result().default_time2wait_s, 10u);
}

TEST(NegotiationOffers, that_mean_nothing_in_a_discovery_session_are_irrelevant) {
    Dialogue target(Role::target, {}, SessionType::discovery);
    target.receive("InitialR2T", "No");
    target.receive("HeaderDigest", "None");
    EXPECT_EQ(target.take(), "InitialR2T=Irrelevant;HeaderDigest=None;");
}

TEST(NegotiationOffers, are_brought_into_range) {
    OperationalPreferences preferences;
    preferences.max_burst_length = 1;
    preferences.first_burst_length = 1 << 30;
    preferences.max_recv_data_segment_length = 1 << 30;
    const std::string offers = Dialogue(Role::initiator, preferences).offers();
    EXPECT_NE(offers.find("MaxBurstLength=512;"), offers.npos);
    EXPECT_NE(offers.find("FirstBurstLength=512;"), offers.npos);
    EXPECT_NE(offers.find("MaxRecvDataSegmentLength=16777215;"), offers.npos);
}

}  // namespace
}  // namespace bootwire::iscsi
