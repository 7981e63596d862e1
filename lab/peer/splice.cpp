#include "splice.h"

#include <poll.h>

#include <algorithm>

namespace bootwire::peer {

using namespace iscsi;

namespace {

constexpr size_t stat_sn_offset = 24;      // of all that a target sends
constexpr size_t exp_stat_sn_offset = 28;  // of all that an initiator sends
constexpr uint8_t data_in_has_status = 0x01;

Bhs copy_of(BhsView bhs) {
    Bhs copy;
    std::ranges::copy(bhs, copy.begin());
    return copy;
}

Status pass_on(PduStream& from, PduStream& to, const PduView& pdu, size_t offset, uint32_t shift) {
    Bhs bhs = copy_of(pdu.bhs);
    const bool has_number = opcode_of(bhs) != Opcode::data_in || (bhs[1] & data_in_has_status) != 0;
    if (has_number) store_be32(&bhs[offset], load_be32(&bhs[offset]) + shift);
    return to.write(bhs, pdu.data, from.additional_header());
}

/// Passes on all PDUs that are there; counts them.
Status pump(PduStream& from, PduStream& to, size_t offset, uint32_t shift, size_t& count) {
    do {
        const auto pdu = from.read_ready();
        if (!pdu) return std::unexpected(pdu.error());
        if (!*pdu) continue;
        if (auto status = pass_on(from, to, **pdu, offset, shift); !status) return status;
        ++count;
    } while (from.has_bytes());
    return {};
}

}  // namespace

Error splice(PduStream& front, Spliced& spliced, size_t limit) {
    PduStream& target = *spliced.target;
    size_t from_initiator = 0;
    size_t from_target = 0;
    while (limit == 0 || from_initiator < limit) {
        pollfd waiting[2] = {{front.fd(), POLLIN, 0}, {target.fd(), POLLIN, 0}};
        const bool buffered = front.has_bytes() || target.has_bytes();
        if (poll(waiting, 2, buffered ? 0 : -1) < 0) continue;
        if (front.has_bytes() || waiting[0].revents != 0) {
            const auto status =
                pump(front, target, exp_stat_sn_offset, 0 - spliced.stat_sn_shift, from_initiator);
            if (!status) return {"initiator: " + status.error().what, ""};
        }
        if (target.has_bytes() || waiting[1].revents != 0) {
            const auto status =
                pump(target, front, stat_sn_offset, spliced.stat_sn_shift, from_target);
            if (!status) return {"target: " + status.error().what, ""};
        }
    }
    return {"dropped after " + std::to_string(from_initiator) + " PDUs, as the script says", ""};
}

}  // namespace bootwire::peer
