// What the encoders and decoders of PDUs share. For pdu.cpp and pdu_scsi.cpp alone.
#pragma once

#include "iscsi/pdu.h"

namespace bootwire::iscsi {

inline constexpr uint8_t immediate_bit = 0x40;
inline constexpr uint8_t final_bit = 0x80;  // also T of the Login PDUs
inline constexpr uint8_t data_in_status_bit = 0x01;

inline uint8_t flag(bool set, uint8_t bit) {
    return set ? bit : uint8_t{0};
}

inline Bhs bhs_with(Opcode opcode, bool immediate, uint8_t flags) {
    Bhs bhs{};
    bhs[0] = static_cast<uint8_t>(static_cast<uint8_t>(opcode) | flag(immediate, immediate_bit));
    bhs[1] = flags;
    return bhs;
}

inline void write_numbers(const InitiatorNumbers& numbers, Bhs& bhs) {
    store_be32(&bhs[24], numbers.cmd_sn);
    store_be32(&bhs[28], numbers.exp_stat_sn);
}
inline void write_numbers(const TargetNumbers& numbers, Bhs& bhs) {
    set_target_numbers(bhs, numbers);
}

inline void read_numbers(BhsView bhs, InitiatorNumbers& numbers) {
    numbers = initiator_numbers_of(bhs);
}
inline void read_numbers(BhsView bhs, TargetNumbers& numbers) {
    numbers = target_numbers_of(bhs);
}

}  // namespace bootwire::iscsi
