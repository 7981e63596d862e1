// A list of portals as the keeper's child sends it, which has talked to somebody who may be
// hostile, and the same bytes as a target's own list: nothing comes through that the keeper must
// not try.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "base/text.h"
#include "keeper/portals_text.h"
#include "session/discover.h"
#include "session/elsewhere.h"

using namespace bootwire;

namespace {

using Portals = std::vector<plan::Portal>;

void check(const Portals& portals) {
    if (portals.size() > session::most_learnt_portals) std::abort();
    for (const plan::Portal& portal : portals) {
        const auto* const address = std::get_if<IpAddress>(&portal.host);
        if (address == nullptr || portal.port == 0) std::abort();
        if (!session::can_be_elsewhere(*address)) std::abort();
        if (address->family != std::get<IpAddress>(portals.front().host).family) std::abort();
    }
    if (keeper::decode_portals(keeper::encode_portals(portals)) != portals) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto portals = keeper::decode_portals(text)) {
        check(*portals);
        const auto lines = static_cast<size_t>(std::ranges::count(text, '\n'));
        if (lines != portals->size() || !text.ends_with('.')) std::abort();
    }
    std::vector<iscsi::TargetAddress> listed;
    for (const std::string_view line : split(text, '\n')) {
        if (const auto address = iscsi::TargetAddress::parse(line)) listed.push_back(*address);
    }
    for (const auto family : {IpAddress::Family::v4, IpAddress::Family::v6})
        check(session::usable_portals(listed, 1, family));
    return 0;
}
