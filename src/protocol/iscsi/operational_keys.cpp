// The table of the operational keys: kinds, ranges and defaults of RFC 7143 section 13.
#include "iscsi/negotiation.h"

namespace bootwire::iscsi {

namespace {

constexpr uint32_t no = 0;
constexpr uint32_t yes = 1;
constexpr uint32_t none = 0;
constexpr uint32_t crc = 1;
constexpr uint32_t max_length = 0xffffff;

using enum KeyKind;

constexpr std::array<KeyRule, key_count> rules{{
    {"HeaderDigest", digest_list, none, crc, none, true},
    {"DataDigest", digest_list, none, crc, none, true},
    {"MaxConnections", numerical_min, 1, 65535, 1, false},
    {"InitialR2T", boolean_or, no, yes, yes, false},
    {"ImmediateData", boolean_and, no, yes, yes, false},
    {"MaxRecvDataSegmentLength", declared_number, 512, max_length, 8192, true},
    {"MaxBurstLength", numerical_min, 512, max_length, 262'144, false},
    {"FirstBurstLength", numerical_min, 512, max_length, 65'536, false},
    {"DefaultTime2Wait", numerical_max, 0, 3600, 2, true},
    {"DefaultTime2Retain", numerical_min, 0, 3600, 20, true},
    {"MaxOutstandingR2T", numerical_min, 1, 65535, 1, false},
    {"DataPDUInOrder", boolean_or, no, yes, yes, false},
    {"DataSequenceInOrder", boolean_or, no, yes, yes, false},
    {"ErrorRecoveryLevel", numerical_min, 0, 2, 0, true},
}};

}  // namespace

const KeyRule& rule_of(Key key) {
    return rules[static_cast<size_t>(key)];
}

}  // namespace bootwire::iscsi
