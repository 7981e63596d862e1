// The SCSI PDUs, as far as they are needed: Command and Response.
#include <algorithm>

#include "iscsi/pdu.h"

namespace bootwire::iscsi {

namespace {

constexpr uint8_t final_bit = 0x80;
constexpr uint8_t read_bit = 0x40;
constexpr uint8_t write_bit = 0x20;
constexpr uint8_t simple_task = 0x01;
constexpr uint8_t overflow_bit = 0x04;
constexpr uint8_t underflow_bit = 0x02;

}  // namespace

Bhs ScsiCommandPdu::encode() const {
    Bhs bhs{};
    bhs[0] = static_cast<uint8_t>(Opcode::scsi_command);
    bhs[1] = static_cast<uint8_t>((final ? final_bit : 0) | (read ? read_bit : 0) |
                                  (write ? write_bit : 0) | simple_task);
    store_be64(&bhs[8], lun.wire);
    store_be32(&bhs[16], task_tag);
    store_be32(&bhs[20], expected_length);
    store_be32(&bhs[24], cmd_sn);
    store_be32(&bhs[28], exp_stat_sn);
    std::ranges::copy(cdb, bhs.begin() + 32);
    return bhs;
}

std::optional<ScsiCommandPdu> ScsiCommandPdu::decode(BhsView bhs) {
    if (opcode_of(bhs) != Opcode::scsi_command) return std::nullopt;
    ScsiCommandPdu pdu;
    pdu.final = (bhs[1] & final_bit) != 0;
    pdu.read = (bhs[1] & read_bit) != 0;
    pdu.write = (bhs[1] & write_bit) != 0;
    pdu.lun.wire = load_be64(&bhs[8]);
    pdu.task_tag = load_be32(&bhs[16]);
    pdu.expected_length = load_be32(&bhs[20]);
    pdu.cmd_sn = load_be32(&bhs[24]);
    pdu.exp_stat_sn = load_be32(&bhs[28]);
    std::copy_n(bhs.begin() + 32, pdu.cdb.size(), pdu.cdb.begin());
    return pdu;
}

Bhs ScsiResponsePdu::encode() const {
    Bhs bhs{};
    bhs[0] = static_cast<uint8_t>(Opcode::scsi_response);
    bhs[1] = static_cast<uint8_t>(final_bit | (overflow ? overflow_bit : 0) |
                                  (underflow ? underflow_bit : 0));
    bhs[2] = response;
    bhs[3] = status;
    store_be32(&bhs[16], task_tag);
    store_be32(&bhs[24], stat_sn);
    store_be32(&bhs[28], exp_cmd_sn);
    store_be32(&bhs[32], max_cmd_sn);
    store_be32(&bhs[36], exp_data_sn);
    store_be32(&bhs[44], residual_count);
    return bhs;
}

std::optional<ScsiResponsePdu> ScsiResponsePdu::decode(BhsView bhs) {
    if (opcode_of(bhs) != Opcode::scsi_response) return std::nullopt;
    ScsiResponsePdu pdu;
    pdu.overflow = (bhs[1] & overflow_bit) != 0;
    pdu.underflow = (bhs[1] & underflow_bit) != 0;
    pdu.response = bhs[2];
    pdu.status = bhs[3];
    pdu.task_tag = load_be32(&bhs[16]);
    pdu.stat_sn = load_be32(&bhs[24]);
    pdu.exp_cmd_sn = load_be32(&bhs[28]);
    pdu.max_cmd_sn = load_be32(&bhs[32]);
    pdu.exp_data_sn = load_be32(&bhs[36]);
    pdu.residual_count = load_be32(&bhs[44]);
    return pdu;
}

Bytes sense_in(Bytes data_segment) {
    if (data_segment.size() < 2) return {};
    const Bytes sense = data_segment.subspan(2);
    return sense.first(std::min<size_t>(load_be16(data_segment.data()), sense.size()));
}

}  // namespace bootwire::iscsi
