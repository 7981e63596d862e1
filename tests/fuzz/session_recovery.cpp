// The keeper's state machine under any order of events: it must never stop trying while the session
// is lost (unless another machine has taken the disk), and never try while it is there.
#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"
#include "keeper/recovery.h"

using namespace bootwire;
using namespace std::chrono_literals;

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
    keeper::Recovery recovery(account, portals, [&] { return number++ * 2654435761u; });
    if (held) recovery.hold({iscsi::Lun::from_linux(1), 1});

    Moment now = 1s;
    while (const auto event = reader.u8()) {
        now += Milliseconds(reader.u8().value_or(0) * 64);
        switch (*event % 11) {
            case 0:
                recovery.on_lost("fuzz", now, Milliseconds(reader.be16().value_or(0)));
                break;
            case 1:
                recovery.on_connected(now);
                break;
            case 2:
                recovery.on_connect_failed("fuzz", now);
                break;
            case 3:
                recovery.on_started({}, now);
                break;
            case 4:
                recovery.on_network_back(now);
                break;
            case 5:
                if (recovery.next_deadline()) now = std::max(now, *recovery.next_deadline());
                recovery.on_timer(now);
                break;
            case 10:
                recovery.on_connecting(now);
                break;
            case 9:
                recovery.learn({{IpAddress::v4(10, 0, 1, reader.u8().value_or(0)), 3260}});
                break;
            case 8:
                recovery.on_renew("fuzz", now);
                break;
            default: {
                const auto header = reader.take(iscsi::bhs_size);
                const auto text = reader.take(reader.u8().value_or(0));
                if (!header) break;
                iscsi::Bhs bhs;
                std::copy(header->begin(), header->end(), bhs.begin());
                recovery.on_pdu({bhs, text.value_or(Bytes{})}, now);
            }
        }
        const bool lost = recovery.state() != keeper::Recovery::State::established;
        // The one state without way out, and only where another machine may have the disk.
        if (recovery.state() == keeper::Recovery::State::displaced) {
            if (!held || recovery.next_deadline()) std::abort();
            continue;
        }
        if (lost != recovery.next_deadline().has_value()) std::abort();
        if (lost && *recovery.next_deadline() > now + 61s) std::abort();
    }
    return 0;
}
