// Each field of each PDU is where RFC 7143 section 11 puts it, whoever writes it and whoever reads.
#include <gtest/gtest.h>

#include <algorithm>

#include "iscsi/pdu.h"

namespace bootwire::iscsi {
namespace {

/// 48 bytes: these, and at each offset of `fields` a big-endian number of so many bytes.
struct Field {
    size_t offset;
    size_t size;
    uint64_t value;
};
Bhs bytes_with(uint8_t opcode, uint8_t flags, std::initializer_list<Field> fields) {
    Bhs bhs{};
    bhs[0] = opcode;
    bhs[1] = flags;
    for (const Field& field : fields) {
        for (size_t i = 0; i < field.size; ++i)
            bhs[field.offset + i] = static_cast<uint8_t>(field.value >> (8 * (field.size - 1 - i)));
    }
    return bhs;
}

constexpr uint64_t lun = 0x0102030405060708, tag = 0x11121314, transfer_tag = 0x21222324;
constexpr uint64_t first_number = 0x31323334, second_number = 0x41424344, third_number = 0x51525354;

/// Reads the bytes and writes what was read: both have to know each field's place.
template <class Pdu>
void expect_layout(const Bhs& bytes) {
    const auto read = Pdu::decode(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->encode(), bytes);
    Bhs other = bytes;
    other[0] ^= 0x08;
    EXPECT_FALSE(Pdu::decode(other)) << "another opcode";
}

TEST(PduLayout, of_a_login_request_is_the_rfcs) {
    // T, CSG 1, NSG 3; then C, CSG 2, NSG 1.
    for (const uint8_t flags : {0x87, 0x49}) {
        const Bhs bytes = bytes_with(0x43, flags,
                                     {{2, 1, 5},
                                      {3, 1, 4},
                                      {8, 6, 0x800102030405},
                                      {14, 2, 0x6162},
                                      {16, 4, tag},
                                      {20, 2, 0x7172},
                                      {24, 4, first_number},
                                      {28, 4, second_number}});
        expect_layout<LoginRequestPdu>(bytes);
        const auto read = *LoginRequestPdu::decode(bytes);
        EXPECT_EQ(read.transit, flags == 0x87);
        EXPECT_EQ(read.continues, flags == 0x49);
        EXPECT_EQ(read.current, flags == 0x87 ? Stage::operational : Stage::reserved);
        EXPECT_EQ(read.next, flags == 0x87 ? Stage::full_feature : Stage::operational);
        EXPECT_EQ(read.version_max, 5);
        EXPECT_EQ(read.version_min, 4);
        EXPECT_EQ(read.tsih, 0x6162);
        EXPECT_EQ(read.cid, 0x7172);
        EXPECT_EQ(read.cmd_sn, first_number);
        EXPECT_EQ(read.exp_stat_sn, second_number);
    }
}

TEST(PduLayout, of_a_login_response_is_the_rfcs) {
    const Bhs bytes = bytes_with(0x23, 0x87,
                                 {{2, 1, 5},
                                  {3, 1, 4},
                                  {8, 6, 0x800102030405},
                                  {14, 2, 0x6162},
                                  {16, 4, tag},
                                  {24, 4, first_number},
                                  {28, 4, second_number},
                                  {32, 4, third_number},
                                  {36, 1, 2},
                                  {37, 1, 1}});
    expect_layout<LoginResponsePdu>(bytes);
    const auto read = *LoginResponsePdu::decode(bytes);
    EXPECT_EQ(read.version_active, 4);
    EXPECT_EQ(read.stat_sn, first_number);
    EXPECT_EQ(read.exp_cmd_sn, second_number);
    EXPECT_EQ(read.max_cmd_sn, third_number);
    EXPECT_EQ(read.status_class, 2);
    EXPECT_EQ(read.status_detail, 1);
}

TEST(PduLayout, of_text_is_the_rfcs) {
    for (const uint8_t flags : {0x80, 0x40}) {
        for (const uint8_t opcode : {0x04, 0x44}) {
            const Bhs request = bytes_with(opcode, flags,
                                           {{16, 4, tag},
                                            {20, 4, transfer_tag},
                                            {24, 4, first_number},
                                            {28, 4, second_number}});
            expect_layout<TextRequestPdu>(request);
            EXPECT_EQ(TextRequestPdu::decode(request)->immediate, opcode == 0x44);
            EXPECT_EQ(TextRequestPdu::decode(request)->final, flags == 0x80);
            EXPECT_EQ(TextRequestPdu::decode(request)->continues, flags == 0x40);
        }
        const Bhs response = bytes_with(0x24, flags,
                                        {{16, 4, tag},
                                         {20, 4, transfer_tag},
                                         {24, 4, first_number},
                                         {28, 4, second_number},
                                         {32, 4, third_number}});
        expect_layout<TextResponsePdu>(response);
        const auto read = *TextResponsePdu::decode(response);
        EXPECT_EQ(read.final, flags == 0x80);
        EXPECT_EQ(read.task_tag, tag);
        EXPECT_EQ(read.target_transfer_tag, transfer_tag);
        EXPECT_EQ(read.stat_sn, first_number);
        EXPECT_EQ(read.max_cmd_sn, third_number);
    }
}

TEST(PduLayout, of_a_logout_is_the_rfcs) {
    for (const uint8_t reason : {0, 1, 2}) {
        const Bhs request = bytes_with(
            0x46, static_cast<uint8_t>(0x80 | reason),
            {{16, 4, tag}, {20, 2, 0x7172}, {24, 4, first_number}, {28, 4, second_number}});
        expect_layout<LogoutRequestPdu>(request);
        EXPECT_EQ(LogoutRequestPdu::decode(request)->reason, LogoutReason{reason});
        EXPECT_EQ(LogoutRequestPdu::decode(request)->cid, 0x7172);
    }
    const Bhs response = bytes_with(0x26, 0x80,
                                    {{2, 1, 3},
                                     {16, 4, tag},
                                     {24, 4, first_number},
                                     {28, 4, second_number},
                                     {32, 4, third_number},
                                     {40, 2, 0x8182},
                                     {42, 2, 0x9192}});
    expect_layout<LogoutResponsePdu>(response);
    EXPECT_EQ(LogoutResponsePdu::decode(response)->time2wait_s, 0x8182);
}

TEST(PduLayout, of_nops_is_the_rfcs) {
    for (const uint8_t opcode : {0x00, 0x40}) {
        expect_layout<NopOutPdu>(bytes_with(opcode, 0x80,
                                            {{8, 8, lun},
                                             {16, 4, tag},
                                             {20, 4, transfer_tag},
                                             {24, 4, first_number},
                                             {28, 4, second_number}}));
    }
    const Bhs bytes = bytes_with(0x20, 0x80,
                                 {{8, 8, lun},
                                  {16, 4, tag},
                                  {20, 4, transfer_tag},
                                  {24, 4, first_number},
                                  {28, 4, second_number},
                                  {32, 4, third_number}});
    expect_layout<NopInPdu>(bytes);
    EXPECT_EQ(NopInPdu::decode(bytes)->task_tag, tag);
    EXPECT_EQ(NopInPdu::decode(bytes)->stat_sn, first_number);
}

TEST(PduLayout, of_what_a_target_says_by_itself_is_the_rfcs) {
    expect_layout<AsyncMessagePdu>(bytes_with(0x32, 0x80,
                                              {{8, 8, lun},
                                               {16, 4, reserved_tag},
                                               {24, 4, first_number},
                                               {28, 4, second_number},
                                               {32, 4, third_number},
                                               {36, 1, 4},
                                               {37, 1, 0x62},
                                               {38, 6, 0x636465666768}}));
    expect_layout<RejectPdu>(bytes_with(0x3f, 0x80,
                                        {{2, 1, 9},
                                         {16, 4, reserved_tag},
                                         {24, 4, first_number},
                                         {28, 4, second_number},
                                         {32, 4, third_number}}));
}

TEST(PduLayout, of_a_scsi_command_is_the_rfcs) {
    // F, R, W and a simple task attribute.
    for (const uint8_t flags : {0x81, 0xc1, 0xa1, 0x01}) {
        const Bhs bytes = bytes_with(0x01, flags,
                                     {{8, 8, lun},
                                      {16, 4, tag},
                                      {20, 4, 0x61626364},
                                      {24, 4, first_number},
                                      {28, 4, second_number},
                                      {32, 8, 0x7172737475767778},
                                      {40, 8, 0x8182838485868788}});
        expect_layout<ScsiCommandPdu>(bytes);
        EXPECT_EQ(ScsiCommandPdu::decode(bytes)->read, flags == 0xc1);
        EXPECT_EQ(ScsiCommandPdu::decode(bytes)->write, flags == 0xa1);
        EXPECT_EQ(ScsiCommandPdu::decode(bytes)->final, flags != 0x01);
    }
}

TEST(PduLayout, of_a_scsi_response_is_the_rfcs) {
    for (const uint8_t flags : {0x80, 0x84, 0x82}) {
        const Bhs bytes = bytes_with(0x21, flags,
                                     {{2, 1, 1},
                                      {3, 1, 0x18},
                                      {16, 4, tag},
                                      {24, 4, first_number},
                                      {28, 4, second_number},
                                      {32, 4, third_number},
                                      {36, 4, 0x61626364},
                                      {44, 4, 0x71727374}});
        expect_layout<ScsiResponsePdu>(bytes);
        const auto read = *ScsiResponsePdu::decode(bytes);
        EXPECT_EQ(read.overflow, flags == 0x84);
        EXPECT_EQ(read.underflow, flags == 0x82);
        EXPECT_EQ(read.response, 1);
        EXPECT_EQ(read.status, 0x18);
        EXPECT_EQ(read.stat_sn, first_number);
    }
}

TEST(PduLayout, has_lengths_in_words_and_in_bytes) {
    const Bhs bytes = bytes_with(0x20, 0x80, {{4, 1, 3}, {5, 3, 0x010203}});
    EXPECT_EQ(ahs_length_of(bytes), 12u);
    EXPECT_EQ(data_length_of(bytes), 0x010203u);
    EXPECT_EQ(opcode_of(bytes_with(0xff, 0, {})), Opcode::reject);
    EXPECT_TRUE(is_immediate(bytes_with(0x40, 0, {})));
    EXPECT_FALSE(is_immediate(bytes_with(0xbf, 0, {})));
}

}  // namespace
}  // namespace bootwire::iscsi
