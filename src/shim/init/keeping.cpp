#include "init/keeping.h"

#include <memory>

#include "net/resolve.h"
#include "os/log.h"

namespace bootwire::init {

namespace {

using SharedResolver = std::shared_ptr<net::Resolver>;

/// The portal of the session first, then the others of the plan.
keeper::KeptSession kept_session(const Kept& from, const SharedResolver& resolver) {
    keeper::KeptSession kept;
    kept.handle = from.session.handle;
    kept.account = from.session.account;
    kept.portal = from.session.portal;
    kept.portals = {from.session.home};
    for (const plan::Portal& other : from.plan.portals.value) {
        if (other != from.session.home) kept.portals.push_back(other);
    }
    kept.may_learn_portals = !from.plan.named_portals_only.value;
    kept.hold = from.hold;
    kept.recovery = from.plan.recovery.value;
    kept.parameters = from.session.parameters;
    kept.resolver = resolver;
    kept.addresses = from.session.addresses;
    return kept;
}

/// Takes over what a later lease says of name servers and domain.
std::function<void(const dhcp::Lease&, const Fd&)> follow_leases(const plan::Plan& plan,
                                                                 const SharedResolver& resolver,
                                                                 const TellNameServers& tell) {
    return [resolver, tell, servers = plan.dns_servers, domain = plan.domain_name](
               const dhcp::Lease& lease, const Fd& run) mutable {
        if (!plan::follow_lease(lease, servers, domain)) return;
        *resolver = {servers.value, domain.value};
        log::info("DHCP names other name servers or another domain");
        if (!tell) return;
        const auto told = tell(*resolver, run);
        if (!told) log::warning(told.error().to_string());
    };
}

}  // namespace

keeper::KeeperState keeper_state(const Kept& kept, const Machine& machine,
                                  const TellNameServers& tell) {
    const auto resolver = std::make_shared<net::Resolver>(
        net::Resolver{kept.plan.dns_servers.value, kept.plan.domain_name.value});
    // As at boot, only a name of the operator's is wished for.
    const auto& name = kept.plan.host_name;
    const bool wished = name.source.kind == plan::Source::Kind::command_line;
    keeper::KeeperState state;
    state.address = {kept.network, kept.plan.routes.value, wished ? name.value : std::string()};
    state.session = kept_session(kept, resolver);
    state.disk = {kept.disk, kept.lun.to_string()};
    state.shutdown_patience = kept.plan.shutdown_patience.value;
    state.leased = follow_leases(kept.plan, resolver, tell);
    state.remote_log = machine.remote_log.settings();
    for (const Timeline::Entry& entry : machine.timeline.entries())
        state.stages.push_back({entry.stage, entry.began});
    return state;
}

}  // namespace bootwire::init
