// What a portal tells of its targets: which there are, and where else they are reached.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iscsi_initiator/discovery.h"
#include "session/log_in.h"

namespace bootwire::session {

struct FoundTarget {
    std::string name;
    plan::Portal portal;  ///< that answered: where to log in to it
    /// Where the target says that it is, if not there; for when it is not let in.
    std::optional<plan::Portal> elsewhere;
};

/// Asks the portal for its targets (SendTargets). Exactly one must be offered; an error lists them
/// otherwise.
Result<FoundTarget> discover_only_target(const Account& account, const plan::Portal& portal,
                                         const Surroundings& surroundings);

/// Where the target says that it is, if the portal asked is not among its addresses: behind a NAT
/// these lead nowhere, and in front of a server that only lists targets they are the right ones.
/// Nothing, too, if no target can be at any of them.
std::optional<plan::Portal> elsewhere(const iscsi::DiscoveredTarget& target, const Endpoint& asked);

/// All targets that the portal offers us, and where they are reached.
Result<std::vector<iscsi::DiscoveredTarget>> list_targets(const Account& account,
                                                          const plan::Portal& portal,
                                                          const Surroundings& surroundings);

/// Portals that a target may add to those that the operator named.
inline constexpr size_t most_learnt_portals = 8;

/// Asks the portal where else the account's target is reached: usable_portals() of its answer.
Result<std::vector<plan::Portal>> discover_portals(const Account& account,
                                                   const plan::Portal& portal,
                                                   uint16_t portal_group,
                                                   const Surroundings& surroundings);

/// What of the list can help a session that was established with this portal group at an address
/// of this family: at most most_learnt_portals, addresses only (asking DNS for a name in the middle
/// of an outage would hold up the other ways), those of the same group first. There a new login
/// reinstates the lost session (RFC 7143 section 6.3.5); in another group it is a session beside
/// it, which is as good once that one is dead.
std::vector<plan::Portal> usable_portals(const std::vector<iscsi::TargetAddress>& listed,
                                         uint16_t portal_group, IpAddress::Family family);

}  // namespace bootwire::session
