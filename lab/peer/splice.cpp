#include "splice.h"

#include <poll.h>

#include <algorithm>

namespace bootwire::peer {

using namespace iscsi;

namespace {

constexpr int look_at_bell_every_ms = 100;

/// The numbers of the last PDU that the initiator got, for one that comes in between.
class LastNumbers {
  public:
    void note(BhsView bhs) {
        if (!has_target_numbers(bhs)) return;
        next_ = target_numbers_of(bhs);
        if (takes_stat_sn(bhs)) ++next_->stat_sn;
    }
    bool known() const { return next_.has_value(); }
    Bhs take(AsyncMessagePdu message) {
        static_cast<TargetNumbers&>(message) = *next_;
        ++next_->stat_sn;
        return message.encode();
    }

  private:
    std::optional<TargetNumbers> next_;
};

Bhs copy_of(BhsView bhs) {
    Bhs copy;
    std::ranges::copy(bhs, copy.begin());
    return copy;
}

/// The next PDU, if it is whole; counted.
Result<std::optional<PduView>> take(Connection& from, size_t& count) {
    auto pdu = from.read_ready();
    if (pdu && *pdu) ++count;
    return pdu;
}

Status to_target(Connection& front, Spliced& spliced, size_t& count) {
    const auto pdu = take(front, count);
    if (!pdu) return std::unexpected(pdu.error());
    if (!*pdu) return {};
    Bhs bhs = copy_of((*pdu)->bhs);
    set_exp_stat_sn(bhs, initiator_numbers_of(bhs).exp_stat_sn - spliced.stat_sn_shift);
    return spliced.target->write(bhs, (*pdu)->data, front.additional_header());
}

Status to_initiator(Connection& front, Spliced& spliced, size_t& count, LastNumbers& numbers) {
    const auto pdu = take(*spliced.target, count);
    if (!pdu) return std::unexpected(pdu.error());
    if (!*pdu) return {};
    Bhs bhs = copy_of((*pdu)->bhs);
    if (has_target_numbers(bhs)) {
        TargetNumbers shifted = target_numbers_of(bhs);
        shifted.stat_sn += spliced.stat_sn_shift;
        set_target_numbers(bhs, shifted);
    }
    numbers.note(bhs);
    return front.write(bhs, (*pdu)->data, spliced.target->additional_header());
}

}  // namespace

Error splice(Connection& front, Spliced& spliced, size_t limit, const AsyncScript& script) {
    LastNumbers numbers;
    size_t from_initiator = 0;
    size_t from_target = 0;
    unsigned heard = script.rings;
    const int patience = script.message ? look_at_bell_every_ms : -1;
    while (limit == 0 || from_initiator < limit) {
        pollfd waiting[2] = {{front.fd(), POLLIN, 0}, {spliced.target->fd(), POLLIN, 0}};
        if (poll(waiting, 2, patience) < 0) continue;
        if (waiting[0].revents != 0) {
            const auto status = to_target(front, spliced, from_initiator);
            if (!status) return {"initiator: " + status.error().what, ""};
        }
        if (waiting[1].revents != 0) {
            const auto status = to_initiator(front, spliced, from_target, numbers);
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
