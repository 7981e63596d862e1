#include "iscsi/pdu_scsi.h"

#include <algorithm>

#include "iscsi/pdu_fields.h"

namespace bootwire::iscsi {

namespace {

constexpr uint8_t read_bit = 0x40;
constexpr uint8_t write_bit = 0x20;
constexpr uint8_t attribute_bits = 0x07;
constexpr uint8_t acknowledge_bit = 0x40;
constexpr uint8_t overflow_bit = 0x04;
constexpr uint8_t underflow_bit = 0x02;

/// LUN and both tags: at the same place in all that have them.
template <class Pdu>
void write_transfer(const Pdu& pdu, Bhs& bhs) {
    store_be64(&bhs[8], pdu.lun.wire);
    store_be32(&bhs[16], pdu.task_tag);
    store_be32(&bhs[20], pdu.target_transfer_tag);
}

template <class Pdu>
void read_transfer(BhsView bhs, Pdu& pdu) {
    pdu.lun.wire = load_be64(&bhs[8]);
    pdu.task_tag = load_be32(&bhs[16]);
    pdu.target_transfer_tag = load_be32(&bhs[20]);
}

}  // namespace

Bhs ScsiCommandPdu::encode() const {
    Bhs bhs =
        bhs_with(Opcode::scsi_command, immediate,
                 static_cast<uint8_t>(flag(final, final_bit) | flag(read, read_bit) |
                                      flag(write, write_bit) | static_cast<uint8_t>(attribute)));
    store_be64(&bhs[8], lun.wire);
    store_be32(&bhs[16], task_tag);
    store_be32(&bhs[20], expected_length);
    write_numbers(*this, bhs);
    std::ranges::copy(cdb, bhs.begin() + 32);
    return bhs;
}

std::optional<ScsiCommandPdu> ScsiCommandPdu::decode(BhsView bhs) {
    if (opcode_of(bhs) != Opcode::scsi_command) return std::nullopt;
    ScsiCommandPdu pdu;
    pdu.immediate = is_immediate(bhs);
    pdu.final = (bhs[1] & final_bit) != 0;
    pdu.read = (bhs[1] & read_bit) != 0;
    pdu.write = (bhs[1] & write_bit) != 0;
    pdu.attribute = static_cast<TaskAttribute>(bhs[1] & attribute_bits);
    pdu.lun.wire = load_be64(&bhs[8]);
    pdu.task_tag = load_be32(&bhs[16]);
    pdu.expected_length = load_be32(&bhs[20]);
    read_numbers(bhs, pdu);
    std::copy_n(bhs.begin() + 32, pdu.cdb.size(), pdu.cdb.begin());
    return pdu;
}

Bhs ScsiResponsePdu::encode() const {
    Bhs bhs = bhs_with(Opcode::scsi_response, false,
                       static_cast<uint8_t>(final_bit | flag(overflow, overflow_bit) |
                                            flag(underflow, underflow_bit)));
    bhs[2] = response;
    bhs[3] = status;
    store_be32(&bhs[16], task_tag);
    write_numbers(*this, bhs);
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
    read_numbers(bhs, pdu);
    pdu.exp_data_sn = load_be32(&bhs[36]);
    pdu.residual_count = load_be32(&bhs[44]);
    return pdu;
}

Bytes sense_in(Bytes data_segment) {
    if (data_segment.size() < 2) return {};
    const Bytes sense = data_segment.subspan(2);
    return sense.first(std::min<size_t>(load_be16(data_segment.data()), sense.size()));
}

Bhs DataOutPdu::encode() const {
    Bhs bhs = bhs_with(Opcode::data_out, false, flag(final, final_bit));
    write_transfer(*this, bhs);
    set_exp_stat_sn(bhs, exp_stat_sn);
    store_be32(&bhs[36], data_sn);
    store_be32(&bhs[40], buffer_offset);
    return bhs;
}

std::optional<DataOutPdu> DataOutPdu::decode(BhsView bhs) {
    if (opcode_of(bhs) != Opcode::data_out) return std::nullopt;
    DataOutPdu pdu;
    pdu.final = (bhs[1] & final_bit) != 0;
    read_transfer(bhs, pdu);
    pdu.exp_stat_sn = initiator_numbers_of(bhs).exp_stat_sn;
    pdu.data_sn = load_be32(&bhs[36]);
    pdu.buffer_offset = load_be32(&bhs[40]);
    return pdu;
}

Bhs DataInPdu::encode() const {
    Bhs bhs = bhs_with(
        Opcode::data_in, false,
        static_cast<uint8_t>(flag(final, final_bit) | flag(acknowledge, acknowledge_bit) |
                             flag(overflow, overflow_bit) | flag(underflow, underflow_bit) |
                             flag(has_status, data_in_status_bit)));
    bhs[3] = status;
    write_transfer(*this, bhs);
    write_numbers(*this, bhs);
    store_be32(&bhs[36], data_sn);
    store_be32(&bhs[40], buffer_offset);
    store_be32(&bhs[44], residual_count);
    return bhs;
}

std::optional<DataInPdu> DataInPdu::decode(BhsView bhs) {
    if (opcode_of(bhs) != Opcode::data_in) return std::nullopt;
    DataInPdu pdu;
    pdu.final = (bhs[1] & final_bit) != 0;
    pdu.acknowledge = (bhs[1] & acknowledge_bit) != 0;
    pdu.overflow = (bhs[1] & overflow_bit) != 0;
    pdu.underflow = (bhs[1] & underflow_bit) != 0;
    pdu.has_status = (bhs[1] & data_in_status_bit) != 0;
    pdu.status = bhs[3];
    read_transfer(bhs, pdu);
    read_numbers(bhs, pdu);
    pdu.data_sn = load_be32(&bhs[36]);
    pdu.buffer_offset = load_be32(&bhs[40]);
    pdu.residual_count = load_be32(&bhs[44]);
    return pdu;
}

Bhs ReadyToTransferPdu::encode() const {
    Bhs bhs = bhs_with(Opcode::ready_to_transfer, false, final_bit);
    write_transfer(*this, bhs);
    write_numbers(*this, bhs);
    store_be32(&bhs[36], r2t_sn);
    store_be32(&bhs[40], buffer_offset);
    store_be32(&bhs[44], desired_length);
    return bhs;
}

std::optional<ReadyToTransferPdu> ReadyToTransferPdu::decode(BhsView bhs) {
    if (opcode_of(bhs) != Opcode::ready_to_transfer) return std::nullopt;
    ReadyToTransferPdu pdu;
    read_transfer(bhs, pdu);
    read_numbers(bhs, pdu);
    pdu.r2t_sn = load_be32(&bhs[36]);
    pdu.buffer_offset = load_be32(&bhs[40]);
    pdu.desired_length = load_be32(&bhs[44]);
    return pdu;
}

Bhs TaskManagementRequestPdu::encode() const {
    Bhs bhs = bhs_with(Opcode::task_management_request, immediate,
                       static_cast<uint8_t>(final_bit | static_cast<uint8_t>(function)));
    store_be64(&bhs[8], lun.wire);
    store_be32(&bhs[16], task_tag);
    store_be32(&bhs[20], referenced_task_tag);
    write_numbers(*this, bhs);
    store_be32(&bhs[32], ref_cmd_sn);
    store_be32(&bhs[36], exp_data_sn);
    return bhs;
}

std::optional<TaskManagementRequestPdu> TaskManagementRequestPdu::decode(BhsView bhs) {
    if (opcode_of(bhs) != Opcode::task_management_request) return std::nullopt;
    TaskManagementRequestPdu pdu;
    pdu.immediate = is_immediate(bhs);
    pdu.function = static_cast<TaskManagement>(bhs[1] & 0x7f);
    pdu.lun.wire = load_be64(&bhs[8]);
    pdu.task_tag = load_be32(&bhs[16]);
    pdu.referenced_task_tag = load_be32(&bhs[20]);
    read_numbers(bhs, pdu);
    pdu.ref_cmd_sn = load_be32(&bhs[32]);
    pdu.exp_data_sn = load_be32(&bhs[36]);
    return pdu;
}

Bhs TaskManagementResponsePdu::encode() const {
    Bhs bhs = bhs_with(Opcode::task_management_response, false, final_bit);
    bhs[2] = static_cast<uint8_t>(response);
    store_be32(&bhs[16], task_tag);
    write_numbers(*this, bhs);
    return bhs;
}

std::optional<TaskManagementResponsePdu> TaskManagementResponsePdu::decode(BhsView bhs) {
    if (opcode_of(bhs) != Opcode::task_management_response) return std::nullopt;
    TaskManagementResponsePdu pdu;
    pdu.response = static_cast<TaskManagementAnswer>(bhs[2]);
    pdu.task_tag = load_be32(&bhs[16]);
    read_numbers(bhs, pdu);
    return pdu;
}

}  // namespace bootwire::iscsi
