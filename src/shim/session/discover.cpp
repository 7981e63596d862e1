#include "session/discover.h"

#include <algorithm>
#include <memory>

#include "base/text.h"
#include "os/log.h"
#include "session/conversation.h"
#include "session/elsewhere.h"
#include "topics/topic.h"

namespace bootwire::session {

namespace {

constexpr size_t most_listed = 8;

struct Offered {
    LoggedIn login;  ///< of the Discovery session
    std::vector<iscsi::DiscoveredTarget> targets;
};

/// What the client asks once it is logged in; target: see iscsi::DiscoveryClient.
Result<std::vector<iscsi::DiscoveredTarget>> send_targets(const LoggedIn& login,
                                                          std::string_view target,
                                                          const Surroundings& surroundings) {
    const auto storage = std::make_unique<iscsi::DiscoveryStorage>();
    iscsi::DiscoveryClient client(login.result, *storage, target);
    net::PduStream pdus(login.socket.get());
    pdus.use_digests(login.result.digests());
    const auto done = converse(client, {pdus, login.portal.to_string(), surroundings.on_progress,
                                        surroundings.give_up_at()});
    if (!done) return std::unexpected(done.error());
    if (client.state() == iscsi::DiscoveryState::failed)
        return std::unexpected(about(Topic::login_breaks_off, client.error()));
    if (!client.left_out().empty()) {
        log::warning(login.portal.to_string() +
                     " offers what is no iSCSI name, which is left out: " + client.left_out());
    }
    return client.targets();
}

Result<Offered> ask(const Account& account, const plan::Portal& portal, std::string_view target,
                    const Surroundings& surroundings) {
    Account asking = account;
    asking.target.clear();
    asking.operational = iscsi::discovery_preferences();
    auto login = log_in(asking, portal, surroundings);
    if (!login) return std::unexpected(login.error());
    auto targets = send_targets(*login, target, surroundings);
    if (!targets) return std::unexpected(targets.error());
    return Offered{std::move(*login), std::move(*targets)};
}

/// Nothing for a name.
std::optional<IpAddress> usable_address(const iscsi::TargetAddress& address) {
    const auto ip = address.address();
    return ip && can_be_elsewhere(*ip) ? ip : std::nullopt;
}

}  // namespace

std::optional<plan::Portal> elsewhere(const iscsi::DiscoveredTarget& target,
                                      const Endpoint& asked) {
    const auto is_asked = [&](const iscsi::TargetAddress& address) {
        return address.address() == asked.address && address.port == asked.port;
    };
    const auto is_usable = [](const iscsi::TargetAddress& address) {
        return !address.address() || usable_address(address);
    };
    if (std::ranges::any_of(target.portals, is_asked)) return std::nullopt;
    const auto found = std::ranges::find_if(target.portals, is_usable);
    if (found == target.portals.end()) return std::nullopt;
    return portal_of(*found);
}

Result<FoundTarget> discover_only_target(const Account& account, const plan::Portal& portal,
                                         const Surroundings& surroundings) {
    const auto offered = ask(account, portal, "", surroundings);
    if (!offered) return std::unexpected(offered.error());
    const auto& [login, targets] = *offered;

    const std::string where = login.portal.to_string();
    if (targets.empty()) {
        return about(Topic::several_targets,
                     fail_for_now(where + " offers no target to " + account.initiator,
                                  "create a target, or add this initiator to its access list"));
    }
    if (targets.size() > 1) {
        std::string names;
        for (size_t i = 0; i < std::min(targets.size(), most_listed); ++i) {
            names += (i > 0 ? ", " : "") + printable(targets[i].name);
        }
        return about(
            Topic::several_targets,
            fail(where + " offers " + std::to_string(targets.size()) + " targets: " + names,
                 "name one in the root path or with iscsi.target="));
    }
    const iscsi::DiscoveredTarget& target = targets.front();
    return FoundTarget{target.name, login.home, elsewhere(target, login.portal)};
}

Result<std::vector<iscsi::DiscoveredTarget>> list_targets(const Account& account,
                                                          const plan::Portal& portal,
                                                          const Surroundings& surroundings) {
    auto offered = ask(account, portal, "", surroundings);
    if (!offered) return std::unexpected(offered.error());
    return std::move(offered->targets);
}

Result<std::vector<plan::Portal>> discover_portals(const Account& account,
                                                   const plan::Portal& portal,
                                                   uint16_t portal_group,
                                                   const Surroundings& surroundings) {
    Account asking = account;
    // Under another ISID no target can take this for the session itself, come back.
    asking.isid.bytes.back() ^= 1;
    const auto offered = ask(asking, portal, account.target, surroundings);
    if (!offered) return std::unexpected(offered.error());
    const auto& targets = offered->targets;
    auto found = std::ranges::find(targets, account.target, &iscsi::DiscoveredTarget::name);
    if (targets.size() == 1) found = targets.begin();  // the name in other letters
    if (found == targets.end()) return std::vector<plan::Portal>{};
    return usable_portals(found->portals, portal_group, offered->login.portal.address.family);
}

std::vector<plan::Portal> usable_portals(const std::vector<iscsi::TargetAddress>& listed,
                                         uint16_t portal_group, IpAddress::Family family) {
    std::vector<plan::Portal> usable;
    for (const bool same_group : {true, false}) {
        for (const iscsi::TargetAddress& address : listed) {
            const auto ip = usable_address(address);
            if (!ip || ip->family != family) continue;
            if ((address.portal_group_tag == portal_group) != same_group) continue;
            const plan::Portal portal = portal_of(address);
            const bool known = std::ranges::find(usable, portal) != usable.end();
            if (!known && usable.size() < most_learnt_portals) usable.push_back(portal);
        }
    }
    return usable;
}

}  // namespace bootwire::session
