// What the PDUs of a TaskClient say (RFC 7143 sections 11.3 and 11.7): unh_iol.txt has the numbers
// of a neutral judge.
#include <gtest/gtest.h>

#include "iscsi/pdu_scsi.h"
#include "iscsi_initiator/task_client.h"

namespace bootwire::iscsi {
namespace {

constexpr uint32_t transfer_tag = 0x01020304;
const Lun disk = Lun::from_linux(3);

LoginResult login_with(bool immediate_data) {
    LoginResult login;
    login.cmd_sn = login.exp_cmd_sn = 77;
    login.max_cmd_sn = 78;
    login.exp_stat_sn = 5;
    login.parameters.immediate_data = immediate_data;
    return login;
}

/// The claim's first command looks for a reservation, and finds none.
void answer_nobody(TaskClient& client, uint32_t task_tag, uint32_t stat_sn) {
    Bhs bhs{};
    bhs[0] = static_cast<uint8_t>(Opcode::data_in);
    bhs[1] = 0x81;  // final, with status
    store_be32(&bhs[16], task_tag);
    store_be32(&bhs[24], stat_sn);
    client.receive_pdu({bhs, std::vector<uint8_t>(8)});
}

/// The command that writes, after the one that reads.
PduView write_command(TaskClient& client) {
    const auto look = client.next_pdu();
    answer_nobody(client, ScsiCommandPdu::decode(look->bhs)->task_tag, 5);
    const auto write = client.next_pdu();
    EXPECT_TRUE(write && ScsiCommandPdu::decode(write->bhs)->write);
    return *write;
}

TEST(TaskFields, of_a_command_that_reads_are_complete) {
    Claim claim(1, Intent::claim);
    TaskClient client(login_with(true), disk, claim);
    const auto pdu = client.next_pdu();
    ASSERT_TRUE(pdu);
    const auto command = *ScsiCommandPdu::decode(pdu->bhs);
    EXPECT_FALSE(is_immediate(pdu->bhs)) << "LIO takes none";
    EXPECT_TRUE(command.final);
    EXPECT_TRUE(command.read);
    EXPECT_FALSE(command.write);
    EXPECT_EQ(command.lun, disk);
    EXPECT_EQ(command.expected_length, claim.command().in_length);
    EXPECT_EQ(command.cmd_sn, 77u);
    EXPECT_EQ(command.exp_stat_sn, 5u);
    EXPECT_EQ(command.cdb, claim.command().cdb);
    EXPECT_EQ(ahs_length_of(pdu->bhs), 0u);
    EXPECT_EQ(data_length_of(pdu->bhs), 0u);
}

TEST(TaskFields, of_a_command_that_writes_count_its_data_with_immediate_data_or_without) {
    for (const bool immediate_data : {false, true}) {
        Claim claim(1, Intent::claim);
        TaskClient client(login_with(immediate_data), disk, claim);
        const PduView pdu = write_command(client);
        const auto command = *ScsiCommandPdu::decode(pdu.bhs);
        EXPECT_FALSE(is_immediate(pdu.bhs));
        EXPECT_TRUE(command.final) << "no unsolicited data follows";
        EXPECT_FALSE(command.read);
        EXPECT_EQ(command.expected_length, claim.command().out_length);
        EXPECT_EQ(data_length_of(pdu.bhs), immediate_data ? claim.command().out_length : 0);
        EXPECT_EQ(pdu.data.size(), data_length_of(pdu.bhs));
        EXPECT_EQ(command.cmd_sn, 78u) << "the second one";
    }
}

TEST(TaskFields, of_the_status_in_a_data_in_count) {
    Claim claim(1, Intent::claim);
    TaskClient client(login_with(true), disk, claim);
    const auto command = ScsiCommandPdu::decode(write_command(client).bhs);
    EXPECT_EQ(command->exp_stat_sn, 6u);
    EXPECT_EQ(client.result().exp_stat_sn, 6u);
}

TEST(TaskFields, of_data_out_are_those_of_the_r2t) {
    for (const uint32_t offset : {0u, 8u}) {
        Claim claim(1, Intent::claim);
        TaskClient client(login_with(false), disk, claim);
        const auto command = *ScsiCommandPdu::decode(write_command(client).bhs);
        Bhs ready{};
        ready[0] = static_cast<uint8_t>(Opcode::ready_to_transfer);
        ready[1] = 0x80;
        store_be32(&ready[16], command.task_tag);
        store_be32(&ready[20], transfer_tag);
        store_be32(&ready[40], offset);
        store_be32(&ready[44], 16);
        ASSERT_EQ(client.receive_pdu({ready, {}}), TaskState::sending);
        const auto data_out = client.next_pdu();
        ASSERT_TRUE(data_out);
        const BhsView bhs = data_out->bhs;
        EXPECT_EQ(opcode_of(bhs), Opcode::data_out);
        EXPECT_EQ(bhs[1], 0x80) << "it is the last one of its sequence";
        EXPECT_EQ(load_be64(&bhs[8]), disk.wire);
        EXPECT_EQ(load_be32(&bhs[16]), command.task_tag);
        EXPECT_EQ(load_be32(&bhs[20]), transfer_tag);
        EXPECT_EQ(load_be32(&bhs[28]), 6u);
        EXPECT_EQ(load_be32(&bhs[36]), 0u) << "and the first: DataSN";
        EXPECT_EQ(load_be32(&bhs[40]), offset);
        EXPECT_EQ(data_length_of(bhs), 16u);
        EXPECT_FALSE(client.next_pdu());
    }
}

}  // namespace
}  // namespace bootwire::iscsi
