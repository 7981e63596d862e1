// The keeper's state machine under any order of events: it must never stop trying while the session
// is lost (unless another machine has taken the disk), and never try while it is there. Whatever
// redirections say, those portals that the operator named are tried again and again, and those that
// redirect set off only so many attempts.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"
#include "keeper/recovery.h"

using namespace bootwire;
using namespace std::chrono_literals;

namespace {

using Recovery = keeper::Recovery;

/// Attempts that came of what a portal said: at most eight redirections of each attempt that began
/// at one of the ways, one with MD5 alone and the next way's. A way that leads nowhere is left
/// alone for longer each time, up to half a minute.
class RedirectionBudget {
  public:
    void add_ways(unsigned count) { ways_ += count; }
    /// The session was there, or somebody has asked for an attempt: what was refused is forgotten.
    void begin_anew() { ++beginnings_; }
    void spend(Moment now) {
        const auto pauses = static_cast<unsigned>((now - began_) / 18s);
        const unsigned most = 10 * ways_ * (7 * beginnings_ + pauses);
        if (++spent_ > most) std::abort();
    }

  private:
    static constexpr Moment began_ = 1s;
    unsigned ways_ = 0;
    unsigned beginnings_ = 1;
    unsigned spent_ = 0;
};

size_t connects(const keeper::RecoveryActions& actions) {
    return static_cast<size_t>(std::ranges::count_if(actions, [](const auto& action) {
        return std::holds_alternative<keeper::Connect>(action);
    }));
}

/// From now on nobody is there anywhere: each portal that was named is still tried.
void expect_all_tried(Recovery& recovery, const std::vector<plan::Portal>& named, Moment now) {
    if (recovery.state() == Recovery::State::displaced) return;
    recovery.on_lost("the end", now);
    std::vector<plan::Portal> missing = named;
    for (int i = 0; i < 600 && !missing.empty(); ++i) {
        if (recovery.state() == Recovery::State::connecting) {
            std::erase(missing, recovery.portal());
        }
        if (!recovery.next_deadline()) std::abort();
        now = std::max(now, *recovery.next_deadline());
        recovery.on_timer(now);
    }
    if (!missing.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    session::Account account;
    account.initiator = "iqn.2026-11.local.bootwire:fuzz";
    account.target = "iqn.2026-11.local.bootwire:disk";
    account.chap = plan::ChapLogin{"user", plan::Secret("0123456789abc")};
    Reader reader(Bytes(data, size));
    const uint8_t options = reader.u8().value_or(0);
    const bool two_portals = (options & 1) != 0, held = (options & 2) != 0;
    std::vector<plan::Portal> portals{{IpAddress::v4(10, 0, 0, 1), 3260}};
    if (two_portals) portals.push_back({std::string("nas.lan"), 3261});
    uint32_t number = 0;
    Recovery recovery(account, portals, [&] { return number++ * 2654435761u; });
    if (held) recovery.hold({iscsi::Lun::from_linux(1), 1});
    if ((options & 4) != 0) recovery.try_out_with(iscsi::Lun::from_linux(1));

    RedirectionBudget budget;
    budget.add_ways(static_cast<unsigned>(portals.size()));
    Moment now = 1s;
    while (const auto event = reader.u8()) {
        now += Milliseconds(reader.u8().value_or(0) * 64);
        switch (*event % 12) {
            case 0:
                recovery.on_lost("fuzz", now, Milliseconds(reader.be16().value_or(0)));
                break;
            case 1:
                if (recovery.logs_in_itself()) {
                    recovery.on_connected(now, 7);
                } else {
                    recovery.on_connected(now);
                }
                break;
            case 2:
                recovery.on_connect_failed("fuzz", now);
                break;
            case 3:
                recovery.on_started({}, now);
                budget.begin_anew();
                budget.add_ways(1);
                break;
            case 4:
                recovery.on_network_back(now);
                budget.begin_anew();
                break;
            case 5:
                if (recovery.next_deadline()) now = std::max(now, *recovery.next_deadline());
                recovery.on_timer(now);
                break;
            case 11:
                recovery.on_no_io("fuzz", now);
                break;
            case 10:
                recovery.on_connecting(now);
                break;
            case 9:
                recovery.learn({{IpAddress::v4(10, 0, 1, reader.u8().value_or(0)), 3260}});
                budget.add_ways(1);
                break;
            case 8:
                recovery.on_renew("fuzz", now);
                budget.begin_anew();
                break;
            default: {
                const auto header = reader.take(iscsi::bhs_size);
                const auto text = reader.take(reader.u8().value_or(0));
                if (!header) break;
                iscsi::Bhs bhs;
                std::copy(header->begin(), header->end(), bhs.begin());
                const bool asked = recovery.state() == Recovery::State::logging_in;
                const auto then = recovery.on_pdu({bhs, text.value_or(Bytes{})}, now);
                if (asked && connects(then) > 0) budget.spend(now);
            }
        }
        const bool lost = recovery.state() != Recovery::State::established;
        // The one state without way out, and only where another machine may have the disk.
        if (recovery.state() == Recovery::State::displaced) {
            if (!held || recovery.next_deadline()) std::abort();
            continue;
        }
        if (lost != recovery.next_deadline().has_value()) std::abort();
        if (lost && *recovery.next_deadline() > now + 61s) std::abort();
    }
    expect_all_tried(recovery, portals, now);
    return 0;
}
