#include "iscsi/pdu.h"

#include <algorithm>

#include "iscsi/pdu_fields.h"

namespace bootwire::iscsi {

namespace {

constexpr uint8_t continue_bit = 0x40;

uint8_t login_flags(bool transit, bool continues, Stage current, Stage next) {
    return static_cast<uint8_t>(flag(transit, final_bit) | flag(continues, continue_bit) |
                                static_cast<uint8_t>(current) << 2 | static_cast<uint8_t>(next));
}

template <class Pdu>
void decode_login_flags(BhsView bhs, Pdu& pdu) {
    pdu.transit = (bhs[1] & final_bit) != 0;
    pdu.continues = (bhs[1] & continue_bit) != 0;
    pdu.current = static_cast<Stage>(bhs[1] >> 2 & 3);
    pdu.next = static_cast<Stage>(bhs[1] & 3);
    std::copy_n(bhs.begin() + 8, 6, pdu.isid.bytes.begin());
    pdu.tsih = load_be16(&bhs[14]);
    pdu.task_tag = load_be32(&bhs[16]);
}

template <class Pdu>
void encode_login_identity(const Pdu& pdu, Bhs& bhs) {
    std::ranges::copy(pdu.isid.bytes, bhs.begin() + 8);
    store_be16(&bhs[14], pdu.tsih);
    store_be32(&bhs[16], pdu.task_tag);
}

}  // namespace

Opcode opcode_of(BhsView bhs) {
    return static_cast<Opcode>(bhs[0] & 0x3f);
}

bool is_immediate(BhsView bhs) {
    return (bhs[0] & immediate_bit) != 0;
}

size_t ahs_length_of(BhsView bhs) {
    return size_t{bhs[4]} * 4;
}

uint32_t data_length_of(BhsView bhs) {
    return load_be24(&bhs[5]);
}

void set_data_length(Bhs& bhs, uint32_t length) {
    store_be24(&bhs[5], length);
}

uint32_t task_tag_of(BhsView bhs) {
    return load_be32(&bhs[16]);
}

InitiatorNumbers initiator_numbers_of(BhsView bhs) {
    return {load_be32(&bhs[24]), load_be32(&bhs[28])};
}

void set_exp_stat_sn(Bhs& bhs, uint32_t number) {
    store_be32(&bhs[28], number);
}

bool has_target_numbers(BhsView bhs) {
    return opcode_of(bhs) != Opcode::data_in || (bhs[1] & data_in_status_bit) != 0;
}

TargetNumbers target_numbers_of(BhsView bhs) {
    return {load_be32(&bhs[24]), load_be32(&bhs[28]), load_be32(&bhs[32])};
}

void set_target_numbers(Bhs& bhs, const TargetNumbers& numbers) {
    store_be32(&bhs[24], numbers.stat_sn);
    store_be32(&bhs[28], numbers.exp_cmd_sn);
    store_be32(&bhs[32], numbers.max_cmd_sn);
}

bool takes_stat_sn(BhsView bhs) {
    const bool ping = opcode_of(bhs) == Opcode::nop_in && task_tag_of(bhs) == reserved_tag;
    return has_target_numbers(bhs) && opcode_of(bhs) != Opcode::ready_to_transfer && !ping;
}

Bhs LoginRequestPdu::encode() const {
    Bhs bhs = bhs_with(Opcode::login_request, true, login_flags(transit, continues, current, next));
    bhs[2] = version_max;
    bhs[3] = version_min;
    encode_login_identity(*this, bhs);
    store_be16(&bhs[20], cid);
    write_numbers(*this, bhs);
    return bhs;
}

std::optional<LoginRequestPdu> LoginRequestPdu::decode(BhsView bhs) {
    if (opcode_of(bhs) != Opcode::login_request) return std::nullopt;
    LoginRequestPdu pdu;
    decode_login_flags(bhs, pdu);
    pdu.version_max = bhs[2];
    pdu.version_min = bhs[3];
    pdu.cid = load_be16(&bhs[20]);
    read_numbers(bhs, pdu);
    return pdu;
}

Bhs LoginResponsePdu::encode() const {
    Bhs bhs =
        bhs_with(Opcode::login_response, false, login_flags(transit, continues, current, next));
    bhs[2] = version_max;
    bhs[3] = version_active;
    encode_login_identity(*this, bhs);
    write_numbers(*this, bhs);
    bhs[36] = status_class;
    bhs[37] = status_detail;
    return bhs;
}

std::optional<LoginResponsePdu> LoginResponsePdu::decode(BhsView bhs) {
    if (opcode_of(bhs) != Opcode::login_response) return std::nullopt;
    LoginResponsePdu pdu;
    decode_login_flags(bhs, pdu);
    pdu.version_max = bhs[2];
    pdu.version_active = bhs[3];
    read_numbers(bhs, pdu);
    pdu.status_class = bhs[36];
    pdu.status_detail = bhs[37];
    return pdu;
}

Bhs TextRequestPdu::encode() const {
    Bhs bhs =
        bhs_with(Opcode::text_request, immediate,
                 static_cast<uint8_t>(flag(final, final_bit) | flag(continues, continue_bit)));
    store_be32(&bhs[16], task_tag);
    store_be32(&bhs[20], target_transfer_tag);
    write_numbers(*this, bhs);
    return bhs;
}

std::optional<TextRequestPdu> TextRequestPdu::decode(BhsView bhs) {
    if (opcode_of(bhs) != Opcode::text_request) return std::nullopt;
    TextRequestPdu pdu;
    pdu.immediate = is_immediate(bhs);
    pdu.final = (bhs[1] & final_bit) != 0;
    pdu.continues = (bhs[1] & continue_bit) != 0;
    pdu.task_tag = load_be32(&bhs[16]);
    pdu.target_transfer_tag = load_be32(&bhs[20]);
    read_numbers(bhs, pdu);
    return pdu;
}

Bhs TextResponsePdu::encode() const {
    Bhs bhs =
        bhs_with(Opcode::text_response, false,
                 static_cast<uint8_t>(flag(final, final_bit) | flag(continues, continue_bit)));
    store_be32(&bhs[16], task_tag);
    store_be32(&bhs[20], target_transfer_tag);
    write_numbers(*this, bhs);
    return bhs;
}

std::optional<TextResponsePdu> TextResponsePdu::decode(BhsView bhs) {
    if (opcode_of(bhs) != Opcode::text_response) return std::nullopt;
    TextResponsePdu pdu;
    pdu.final = (bhs[1] & final_bit) != 0;
    pdu.continues = (bhs[1] & continue_bit) != 0;
    pdu.task_tag = load_be32(&bhs[16]);
    pdu.target_transfer_tag = load_be32(&bhs[20]);
    read_numbers(bhs, pdu);
    return pdu;
}

Bhs LogoutRequestPdu::encode() const {
    Bhs bhs = bhs_with(Opcode::logout_request, immediate,
                       static_cast<uint8_t>(final_bit | static_cast<uint8_t>(reason)));
    store_be32(&bhs[16], task_tag);
    store_be16(&bhs[20], cid);
    write_numbers(*this, bhs);
    return bhs;
}

std::optional<LogoutRequestPdu> LogoutRequestPdu::decode(BhsView bhs) {
    if (opcode_of(bhs) != Opcode::logout_request) return std::nullopt;
    LogoutRequestPdu pdu;
    pdu.immediate = is_immediate(bhs);
    pdu.reason = static_cast<LogoutReason>(bhs[1] & 0x7f);
    pdu.task_tag = load_be32(&bhs[16]);
    pdu.cid = load_be16(&bhs[20]);
    read_numbers(bhs, pdu);
    return pdu;
}

Bhs LogoutResponsePdu::encode() const {
    Bhs bhs = bhs_with(Opcode::logout_response, false, final_bit);
    bhs[2] = response;
    store_be32(&bhs[16], task_tag);
    write_numbers(*this, bhs);
    store_be16(&bhs[40], time2wait_s);
    store_be16(&bhs[42], time2retain_s);
    return bhs;
}

std::optional<LogoutResponsePdu> LogoutResponsePdu::decode(BhsView bhs) {
    if (opcode_of(bhs) != Opcode::logout_response) return std::nullopt;
    LogoutResponsePdu pdu;
    pdu.response = bhs[2];
    pdu.task_tag = load_be32(&bhs[16]);
    read_numbers(bhs, pdu);
    pdu.time2wait_s = load_be16(&bhs[40]);
    pdu.time2retain_s = load_be16(&bhs[42]);
    return pdu;
}

Bhs NopOutPdu::encode() const {
    Bhs bhs = bhs_with(Opcode::nop_out, immediate, final_bit);
    store_be64(&bhs[8], lun.wire);
    store_be32(&bhs[16], task_tag);
    store_be32(&bhs[20], target_transfer_tag);
    write_numbers(*this, bhs);
    return bhs;
}

std::optional<NopOutPdu> NopOutPdu::decode(BhsView bhs) {
    if (opcode_of(bhs) != Opcode::nop_out) return std::nullopt;
    NopOutPdu pdu;
    pdu.immediate = is_immediate(bhs);
    pdu.lun.wire = load_be64(&bhs[8]);
    pdu.task_tag = load_be32(&bhs[16]);
    pdu.target_transfer_tag = load_be32(&bhs[20]);
    read_numbers(bhs, pdu);
    return pdu;
}

Bhs NopInPdu::encode() const {
    Bhs bhs = bhs_with(Opcode::nop_in, false, final_bit);
    store_be64(&bhs[8], lun.wire);
    store_be32(&bhs[16], task_tag);
    store_be32(&bhs[20], target_transfer_tag);
    write_numbers(*this, bhs);
    return bhs;
}

std::optional<NopInPdu> NopInPdu::decode(BhsView bhs) {
    if (opcode_of(bhs) != Opcode::nop_in) return std::nullopt;
    NopInPdu pdu;
    pdu.lun.wire = load_be64(&bhs[8]);
    pdu.task_tag = load_be32(&bhs[16]);
    pdu.target_transfer_tag = load_be32(&bhs[20]);
    read_numbers(bhs, pdu);
    return pdu;
}

Bhs AsyncMessagePdu::encode() const {
    Bhs bhs = bhs_with(Opcode::async_message, false, final_bit);
    store_be64(&bhs[8], lun.wire);
    store_be32(&bhs[16], reserved_tag);
    write_numbers(*this, bhs);
    bhs[36] = event;
    bhs[37] = vendor_code;
    for (size_t i = 0; i < parameters.size(); ++i)
        store_be16(&bhs[38 + 2 * i], parameters[i]);
    return bhs;
}

std::optional<AsyncMessagePdu> AsyncMessagePdu::decode(BhsView bhs) {
    if (opcode_of(bhs) != Opcode::async_message) return std::nullopt;
    AsyncMessagePdu pdu;
    pdu.lun.wire = load_be64(&bhs[8]);
    read_numbers(bhs, pdu);
    pdu.event = bhs[36];
    pdu.vendor_code = bhs[37];
    for (size_t i = 0; i < pdu.parameters.size(); ++i)
        pdu.parameters[i] = load_be16(&bhs[38 + 2 * i]);
    return pdu;
}

Bhs RejectPdu::encode() const {
    Bhs bhs = bhs_with(Opcode::reject, false, final_bit);
    bhs[2] = reason;
    store_be32(&bhs[16], reserved_tag);
    write_numbers(*this, bhs);
    return bhs;
}

std::optional<RejectPdu> RejectPdu::decode(BhsView bhs) {
    if (opcode_of(bhs) != Opcode::reject) return std::nullopt;
    RejectPdu pdu;
    pdu.reason = bhs[2];
    read_numbers(bhs, pdu);
    return pdu;
}

std::optional<BhsView> rejected_header_in(Bytes data_segment) {
    if (data_segment.size() < bhs_size) return std::nullopt;
    return data_segment.first<bhs_size>();
}

}  // namespace bootwire::iscsi
