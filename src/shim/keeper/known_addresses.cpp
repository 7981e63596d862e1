#include "keeper/known_addresses.h"

#include <algorithm>

namespace bootwire::keeper {

KnownAddresses::KnownAddresses(const Addresses& addresses) {
    for (const auto& [name, known] : addresses)
        names_[name] = {.addresses = known};
}

std::optional<IpAddress> KnownAddresses::choose(const plan::Host& host, bool same) {
    if (const auto* name = std::get_if<std::string>(&host)) {
        const auto found = names_.find(*name);
        if (found == names_.end()) return std::nullopt;
        Known& known = found->second;
        if (known.tried && !same) known.turn = (known.turn + 1) % known.addresses.size();
        known.tried = true;
    }
    return current(host);
}

std::optional<IpAddress> KnownAddresses::current(const plan::Host& host) const {
    if (const auto* address = std::get_if<IpAddress>(&host)) return *address;
    const auto found = names_.find(std::get<std::string>(host));
    if (found == names_.end()) return std::nullopt;
    return found->second.addresses[found->second.turn];
}

void KnownAddresses::learn(const std::string& name, const std::vector<IpAddress>& addresses) {
    const auto before = current(name);
    Known& known = names_[name];
    std::erase_if(known.addresses, [&](const IpAddress& old) {
        return std::ranges::find(addresses, old) == addresses.end();
    });
    for (const IpAddress& address : addresses) {
        if (std::ranges::find(known.addresses, address) == known.addresses.end())
            known.addresses.push_back(address);
    }
    const auto still = before ? std::ranges::find(known.addresses, *before) : known.addresses.end();
    known.tried = known.tried && still != known.addresses.end();
    known.turn = still == known.addresses.end() ? 0 : size_t(still - known.addresses.begin());
}

}  // namespace bootwire::keeper
