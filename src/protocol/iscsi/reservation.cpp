#include "iscsi/reservation.h"

#include <algorithm>

namespace bootwire::iscsi {

namespace {

constexpr uint8_t persistent_reserve_in = 0x5e;
constexpr uint8_t persistent_reserve_out = 0x5f;
constexpr size_t cdb_size = 10;
constexpr size_t parameter_list_size = 24;
constexpr uint8_t aptpl_bit = 0x01;

constexpr size_t header_size = 8;  // PRGENERATION, ADDITIONAL LENGTH
constexpr size_t descriptor_size = 24;
constexpr uint8_t holder_bit = 0x01;
constexpr uint8_t protocol_iscsi = 5;  // SPC-4 table 477

/// The list behind the header, as far as the bytes go.
Bytes list_in(Bytes data) {
    if (data.size() < header_size) return {};
    const size_t length = load_be32(&data[4]);
    const Bytes list = data.subspan(header_size);
    return list.first(std::min(length, list.size()));
}

/// The initiator's name in a TransportID (SPC-4 section 7.6.4.6): with or without ",i,0x" and the
/// ISID behind it, and NULs up to a multiple of four.
void take_initiator(Bytes transport_id, FixedText<max_name_length>& to) {
    if (transport_id.size() < 4 || (transport_id[0] & 0x0f) != protocol_iscsi) return;
    std::string_view name = text_of(transport_id.subspan(4)).substr(0, load_be16(&transport_id[2]));
    name = name.substr(0, name.find('\0'));
    name = name.substr(0, name.find(','));
    if (check_name(name).ok()) to.assign(name);
}

}  // namespace

ScsiCommand reserve_in(ReserveIn action, uint16_t allocation_length) {
    ScsiCommand command;
    command.cdb[0] = persistent_reserve_in;
    command.cdb[1] = static_cast<uint8_t>(action);
    store_be16(&command.cdb[7], allocation_length);
    command.cdb_length = cdb_size;
    command.in_length = allocation_length;
    return command;
}

ScsiCommand reserve_out(ReserveOut action, uint64_t key, uint64_t action_key, bool aptpl) {
    ScsiCommand command;
    command.cdb[0] = persistent_reserve_out;
    command.cdb[1] = static_cast<uint8_t>(action);
    command.cdb[2] = write_exclusive_registrants_only;  // scope 0: the logical unit
    store_be32(&command.cdb[5], parameter_list_size);
    command.cdb_length = cdb_size;
    store_be64(&command.out[0], key);
    store_be64(&command.out[8], action_key);
    command.out[20] = aptpl ? aptpl_bit : 0;
    command.out_length = parameter_list_size;
    return command;
}

std::optional<Reservation> decode_reservation(Bytes data) {
    if (data.size() < header_size) return std::nullopt;
    const Bytes list = list_in(data);
    if (load_be32(&data[4]) == 0) return Reservation{};
    if (list.size() < 16) return std::nullopt;
    return Reservation{true, load_be64(list.data()), static_cast<uint8_t>(list[13] & 0x0f)};
}

Registrants::Registrants(Bytes data) : rest_(list_in(data)) {}

std::optional<Registrant> Registrants::next() {
    if (rest_.size() < descriptor_size) return std::nullopt;
    Registrant registrant;
    registrant.key = load_be64(rest_.data());
    registrant.holder = (rest_[12] & holder_bit) != 0;
    const size_t additional = load_be32(&rest_[20]);
    rest_ = rest_.subspan(descriptor_size);
    const size_t length = std::min(additional, rest_.size());
    take_initiator(rest_.first(length), registrant.initiator);
    rest_ = rest_.subspan(length);
    return registrant;
}

}  // namespace bootwire::iscsi
