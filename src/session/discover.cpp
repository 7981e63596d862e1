#include "session/discover.h"

#include <algorithm>
#include <memory>

#include "base/text.h"
#include "iscsi/discovery.h"
#include "session/conversation.h"

namespace bootwire::session {

namespace {

constexpr size_t kMostListed = 8;

Result<std::vector<iscsi::DiscoveredTarget>> send_targets(const LoggedIn& login,
                                                          const Surroundings& surroundings) {
    const auto storage = std::make_unique<iscsi::DiscoveryStorage>();
    iscsi::DiscoveryClient client(login.result, *storage);
    const auto done =
        converse(client, iscsi::DiscoveryState::sending, iscsi::DiscoveryState::receiving,
                 Connection{login.socket, login.portal.to_string(), surroundings.on_progress});
    if (!done) return std::unexpected(done.error());
    if (client.state() == iscsi::DiscoveryState::failed) return std::unexpected(client.error());
    return client.targets();
}

plan::Portal home_of(const iscsi::DiscoveredTarget& target, const Endpoint& asked,
                     const plan::Portal& home) {
    const auto is_asked = [&](const iscsi::TargetAddress& address) {
        return address.address() == asked.address && address.port == asked.port;
    };
    const auto is_usable = [](const iscsi::TargetAddress& address) {
        const auto ip = address.address();
        return !ip || !ip->is_unspecified();
    };
    if (target.portals.empty() || std::ranges::any_of(target.portals, is_asked)) return home;
    const auto found = std::ranges::find_if(target.portals, is_usable);
    return found == target.portals.end() ? home : portal_of(*found);
}

}  // namespace

Result<FoundTarget> discover_only_target(const Account& account, const plan::Portal& portal,
                                         const Surroundings& surroundings) {
    Account asking = account;
    asking.target.clear();
    asking.operational = iscsi::discovery_preferences();
    const auto login = log_in(asking, portal, surroundings);
    if (!login) return std::unexpected(login.error());
    const auto targets = send_targets(*login, surroundings);
    if (!targets) return std::unexpected(targets.error());

    const std::string where = login->portal.to_string();
    if (targets->empty()) {
        return fail_for_now(where + " offers no target to " + account.initiator,
                            "create a target, or add this initiator to its access list");
    }
    if (targets->size() > 1) {
        std::string names;
        for (size_t i = 0; i < std::min(targets->size(), kMostListed); ++i) {
            names += (i > 0 ? ", " : "") + printable((*targets)[i].name);
        }
        return fail(where + " offers " + std::to_string(targets->size()) + " targets: " + names,
                    "name one in the root path or with iscsi.target=");
    }
    const iscsi::DiscoveredTarget& target = targets->front();
    return FoundTarget{target.name, home_of(target, login->portal, login->home)};
}

}  // namespace bootwire::session
