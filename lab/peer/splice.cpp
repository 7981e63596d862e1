#include "splice.h"

#include <poll.h>

#include <algorithm>

namespace bootwire::peer {

using namespace iscsi;

namespace {

constexpr size_t stat_sn_offset = 24;      // of all that a target sends
constexpr size_t exp_stat_sn_offset = 28;  // of all that an initiator sends
constexpr size_t exp_cmd_sn_offset = 28;   // of all that a target sends
constexpr size_t max_cmd_sn_offset = 32;
constexpr int look_at_bell_every_ms = 100;

/// The numbers of the last PDU that the initiator got, for one that comes in between.
class TargetNumbers {
  public:
    void note(const Bhs& bhs) {
        const Opcode opcode = opcode_of(bhs);
        if (opcode == Opcode::data_in && (bhs[1] & data_in_has_status) == 0) return;
        // An R2T and a target's own ping tell the next StatSN and do not take it (RFC 7143, 11.8
        // and 11.19).
        const bool ping = opcode == Opcode::nop_in && load_be32(&bhs[16]) == 0xffffffff;
        const bool takes = opcode != Opcode::ready_to_transfer && !ping;
        stat_sn_ = load_be32(&bhs[stat_sn_offset]) + (takes ? 1 : 0);
        exp_cmd_sn_ = load_be32(&bhs[exp_cmd_sn_offset]);
        max_cmd_sn_ = load_be32(&bhs[max_cmd_sn_offset]);
    }
    bool known() const { return stat_sn_.has_value(); }
    Bhs take(AsyncMessagePdu message) {
        message.stat_sn = (*stat_sn_)++;
        message.exp_cmd_sn = exp_cmd_sn_;
        message.max_cmd_sn = max_cmd_sn_;
        return message.encode();
    }

  private:
    std::optional<uint32_t> stat_sn_;
    uint32_t exp_cmd_sn_ = 0;
    uint32_t max_cmd_sn_ = 0;
};

Bhs copy_of(BhsView bhs) {
    Bhs copy;
    std::ranges::copy(bhs, copy.begin());
    return copy;
}

Status pass_on(Connection& from, Connection& to, const PduView& pdu, size_t offset, uint32_t shift,
               TargetNumbers* numbers) {
    Bhs bhs = copy_of(pdu.bhs);
    const bool has_number = opcode_of(bhs) != Opcode::data_in || (bhs[1] & data_in_has_status) != 0;
    if (has_number) store_be32(&bhs[offset], load_be32(&bhs[offset]) + shift);
    if (numbers != nullptr) numbers->note(bhs);
    return to.write(bhs, pdu.data, from.additional_header());
}

/// Passes on a PDU, if one is whole; counts it.
Status pump(Connection& from, Connection& to, size_t offset, uint32_t shift, size_t& count,
            TargetNumbers* numbers = nullptr) {
    const auto pdu = from.read_ready();
    if (!pdu) return std::unexpected(pdu.error());
    if (!*pdu) return {};
    ++count;
    return pass_on(from, to, **pdu, offset, shift, numbers);
}

}  // namespace

Error splice(Connection& front, Spliced& spliced, size_t limit, const AsyncScript& script) {
    Connection& target = *spliced.target;
    TargetNumbers numbers;
    size_t from_initiator = 0;
    size_t from_target = 0;
    unsigned heard = script.rings;
    const int patience = script.message ? look_at_bell_every_ms : -1;
    while (limit == 0 || from_initiator < limit) {
        pollfd waiting[2] = {{front.fd(), POLLIN, 0}, {target.fd(), POLLIN, 0}};
        if (poll(waiting, 2, patience) < 0) continue;
        if (waiting[0].revents != 0) {
            const auto status =
                pump(front, target, exp_stat_sn_offset, 0 - spliced.stat_sn_shift, from_initiator);
            if (!status) return {"initiator: " + status.error().what, ""};
        }
        if (waiting[1].revents != 0) {
            const auto status =
                pump(target, front, stat_sn_offset, spliced.stat_sn_shift, from_target, &numbers);
            if (!status) return {"target: " + status.error().what, ""};
        }
        if (!script.message || heard == script.rings || !numbers.known()) continue;
        ++heard;
        ++spliced.stat_sn_shift;
        if (auto status = front.write(numbers.take(*script.message), {}); !status) {
            return {"initiator: " + status.error().what, ""};
        }
    }
    return {"dropped after " + std::to_string(from_initiator) + " PDUs, as the script says", ""};
}

}  // namespace bootwire::peer
