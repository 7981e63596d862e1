// Each field of each PDU is where RFC 7143 section 11 puts it, whoever writes it and whoever reads.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "iscsi/pdu_scsi.h"

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
    // F, R, W and a task attribute.
    for (const uint8_t flags : {0x81, 0xc1, 0xa2, 0x01, 0x83, 0x84, 0x80}) {
        for (const uint8_t opcode : {0x01, 0x41}) {
            const Bhs bytes = bytes_with(opcode, flags,
                                         {{8, 8, lun},
                                          {16, 4, tag},
                                          {20, 4, 0x61626364},
                                          {24, 4, first_number},
                                          {28, 4, second_number},
                                          {32, 8, 0x7172737475767778},
                                          {40, 8, 0x8182838485868788}});
            expect_layout<ScsiCommandPdu>(bytes);
            const auto read = *ScsiCommandPdu::decode(bytes);
            EXPECT_EQ(read.immediate, opcode == 0x41);
            EXPECT_EQ(read.read, flags == 0xc1);
            EXPECT_EQ(read.write, flags == 0xa2);
            EXPECT_EQ(read.final, flags != 0x01);
            EXPECT_EQ(read.attribute, TaskAttribute{static_cast<uint8_t>(flags & 7)});
        }
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

TEST(PduLayout, of_data_from_the_initiator_is_the_rfcs) {
    for (const uint8_t flags : {0x80, 0x00}) {
        const Bhs bytes = bytes_with(0x05, flags,
                                     {{8, 8, lun},
                                      {16, 4, tag},
                                      {20, 4, transfer_tag},
                                      {28, 4, second_number},
                                      {36, 4, 0x61626364},
                                      {40, 4, 0x71727374}});
        expect_layout<DataOutPdu>(bytes);
        const auto read = *DataOutPdu::decode(bytes);
        EXPECT_EQ(read.final, flags == 0x80);
        EXPECT_EQ(read.lun.wire, lun);
        EXPECT_EQ(read.exp_stat_sn, second_number);
        EXPECT_EQ(read.data_sn, 0x61626364u);
        EXPECT_EQ(read.buffer_offset, 0x71727374u);
    }
}

TEST(PduLayout, of_data_from_the_target_is_the_rfcs) {
    // F, A, O, U, S.
    for (const uint8_t flags : {0x80, 0x40, 0x04, 0x02, 0x01, 0x00}) {
        const Bhs bytes = bytes_with(0x25, flags,
                                     {{3, 1, 0x08},
                                      {8, 8, lun},
                                      {16, 4, tag},
                                      {20, 4, transfer_tag},
                                      {24, 4, first_number},
                                      {28, 4, second_number},
                                      {32, 4, third_number},
                                      {36, 4, 0x61626364},
                                      {40, 4, 0x71727374},
                                      {44, 4, 0x81828384}});
        expect_layout<DataInPdu>(bytes);
        const auto read = *DataInPdu::decode(bytes);
        EXPECT_EQ(read.final, flags == 0x80);
        EXPECT_EQ(read.acknowledge, flags == 0x40);
        EXPECT_EQ(read.overflow, flags == 0x04);
        EXPECT_EQ(read.underflow, flags == 0x02);
        EXPECT_EQ(read.has_status, flags == 0x01);
        EXPECT_EQ(read.status, 0x08);
        EXPECT_EQ(read.stat_sn, first_number);
        EXPECT_EQ(read.data_sn, 0x61626364u);
        EXPECT_EQ(read.buffer_offset, 0x71727374u);
        EXPECT_EQ(read.residual_count, 0x81828384u);
        EXPECT_EQ(has_target_numbers(bytes), read.has_status);
        EXPECT_EQ(takes_stat_sn(bytes), read.has_status);
    }
}

TEST(PduLayout, of_an_r2t_is_the_rfcs) {
    const Bhs bytes = bytes_with(0x31, 0x80,
                                 {{8, 8, lun},
                                  {16, 4, tag},
                                  {20, 4, transfer_tag},
                                  {24, 4, first_number},
                                  {28, 4, second_number},
                                  {32, 4, third_number},
                                  {36, 4, 0x61626364},
                                  {40, 4, 0x71727374},
                                  {44, 4, 0x81828384}});
    expect_layout<ReadyToTransferPdu>(bytes);
    const auto read = *ReadyToTransferPdu::decode(bytes);
    EXPECT_EQ(read.target_transfer_tag, transfer_tag);
    EXPECT_EQ(read.r2t_sn, 0x61626364u);
    EXPECT_EQ(read.buffer_offset, 0x71727374u);
    EXPECT_EQ(read.desired_length, 0x81828384u);
}

TEST(PduLayout, of_task_management_is_the_rfcs) {
    for (const uint8_t opcode : {0x02, 0x42}) {
        const Bhs request = bytes_with(opcode, 0x85,
                                       {{8, 8, lun},
                                        {16, 4, tag},
                                        {20, 4, 0x21222324},
                                        {24, 4, first_number},
                                        {28, 4, second_number},
                                        {32, 4, third_number},
                                        {36, 4, 0x61626364}});
        expect_layout<TaskManagementRequestPdu>(request);
        const auto read = *TaskManagementRequestPdu::decode(request);
        EXPECT_EQ(read.immediate, opcode == 0x42);
        EXPECT_EQ(read.function, TaskManagement::logical_unit_reset);
        EXPECT_EQ(read.referenced_task_tag, 0x21222324u);
        EXPECT_EQ(read.ref_cmd_sn, third_number);
        EXPECT_EQ(read.exp_data_sn, 0x61626364u);
    }
    const Bhs response = bytes_with(0x22, 0x80,
                                    {{2, 1, 255},
                                     {16, 4, tag},
                                     {24, 4, first_number},
                                     {28, 4, second_number},
                                     {32, 4, third_number}});
    expect_layout<TaskManagementResponsePdu>(response);
    EXPECT_EQ(TaskManagementResponsePdu::decode(response)->response,
              TaskManagementAnswer::rejected);
}

TEST(PduLayout, of_numbers_is_the_same_in_all_that_one_side_sends) {
    Bhs bytes = bytes_with(
        0x20, 0x80,
        {{16, 4, tag}, {24, 4, first_number}, {28, 4, second_number}, {32, 4, third_number}});
    EXPECT_EQ(task_tag_of(bytes), tag);
    EXPECT_EQ(initiator_numbers_of(bytes).cmd_sn, first_number);
    EXPECT_EQ(initiator_numbers_of(bytes).exp_stat_sn, second_number);
    EXPECT_EQ(target_numbers_of(bytes).stat_sn, first_number);
    EXPECT_EQ(target_numbers_of(bytes).exp_cmd_sn, second_number);
    EXPECT_EQ(target_numbers_of(bytes).max_cmd_sn, third_number);
    set_target_numbers(bytes, {5, 6, 7});
    EXPECT_EQ(target_numbers_of(bytes).stat_sn, 5u);
    EXPECT_EQ(target_numbers_of(bytes).exp_cmd_sn, 6u);
    EXPECT_EQ(target_numbers_of(bytes).max_cmd_sn, 7u);
    set_exp_stat_sn(bytes, 8);
    EXPECT_EQ(initiator_numbers_of(bytes).exp_stat_sn, 8u);
}

TEST(PduLayout, of_an_r2t_and_of_a_target_s_ping_has_the_next_stat_sn_and_does_not_take_it) {
    EXPECT_FALSE(takes_stat_sn(ReadyToTransferPdu{}.encode()));
    EXPECT_TRUE(has_target_numbers(ReadyToTransferPdu{}.encode()));
    NopInPdu ping;
    EXPECT_FALSE(takes_stat_sn(ping.encode()));
    ping.task_tag = 1;
    EXPECT_TRUE(takes_stat_sn(ping.encode())) << "it answers one of the initiator's";
    EXPECT_TRUE(takes_stat_sn(ScsiResponsePdu{}.encode()));
}

TEST(PduLayout, of_a_reject_has_the_rejected_header_as_its_data) {
    const Bhs rejected = NopOutPdu{}.encode();
    std::vector<uint8_t> data(rejected.begin(), rejected.end());
    ASSERT_TRUE(rejected_header_in(data));
    EXPECT_TRUE(std::ranges::equal(*rejected_header_in(data), rejected));
    data.push_back(0);  // what was behind it
    EXPECT_TRUE(std::ranges::equal(*rejected_header_in(data), rejected));
    EXPECT_FALSE(rejected_header_in(Bytes(data).first(47)));
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
