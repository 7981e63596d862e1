#include "init/keeping.h"

#include <memory>

#include "init/network_stage.h"
#include "net/resolve.h"
#include "os/log.h"

namespace bootwire::init {

namespace {

using SharedNameServers = std::shared_ptr<net::NameServers>;

/// The portal of the session first, then the others of the plan.
keeper::KeptSession kept_session(const Online& at, iscsi::Lun lun,
                                 const std::optional<session::Hold>& hold,
                                 const SharedNameServers& name_servers) {
    keeper::KeptSession kept;
    kept.handle = at.session.handle;
    kept.account = at.session.account;
    kept.portal = at.session.portal;
    kept.portals = {at.session.home};
    for (const plan::Portal& other : at.plan.portals.value) {
        if (other != at.session.home) kept.portals.push_back(other);
    }
    kept.may_learn_portals = !at.plan.named_portals_only.value;
    kept.found_by_discovery = !at.plan.target.value;
    kept.hold = hold;
    kept.tried_lun = lun;
    kept.recovery = at.plan.recovery.value;
    kept.parameters = at.session.parameters;
    kept.name_servers = name_servers;
    kept.addresses = at.session.addresses;
    return kept;
}

keeper::KeptAddress kept_address(const Online& at) {
    const plan::NetworkPlan& planned = at.plan.network;
    keeper::KeptAddress kept;
    kept.link = at.network.link;
    kept.below = at.network.below;
    kept.vlan = planned.vlan.value;
    kept.addressed = {planned.address.value, planned.routes.value, planned.mtu.value};
    kept.lease = at.network.lease;
    // As at boot, only a name of the operator's is wished for.
    const bool wished = planned.host_name.source.kind == plan::Source::Kind::command_line;
    if (wished) kept.host_name = planned.host_name.value;
    return kept;
}

/// Takes over what a later lease says of name servers and domain.
std::function<void(const dhcp::Lease&, const Fd&)> follow_leases(
    const plan::Plan& plan, const SharedNameServers& name_servers, const TellNameServers& tell) {
    return [name_servers, tell, network = plan.network](const dhcp::Lease& lease,
                                                        const Fd& run) mutable {
        if (!network.follow(lease)) return;
        *name_servers = name_servers_of(network);
        log::info("DHCP names other name servers or another domain");
        if (!tell) return;
        const auto told = tell(*name_servers, run);
        if (!told) log::warning(told.error().to_string());
    };
}

}  // namespace

keeper::KeeperState keeper_state(const Online& at, const session::ScsiDisk& disk,
                                 const std::optional<session::Hold>& hold, const Telling& telling,
                                 const TellNameServers& tell) {
    const auto name_servers = std::make_shared<net::NameServers>(name_servers_of(at.plan.network));
    keeper::KeeperState state;
    state.address = kept_address(at);
    const iscsi::Lun lun = iscsi::Lun::from_linux(disk.device.lun);
    state.session = kept_session(at, lun, hold, name_servers);
    state.disk = {disk.name, lun.to_string(), {}};
    state.shutdown_patience = at.plan.shutdown_patience.value;
    state.leased = follow_leases(at.plan, name_servers, tell);
    state.remote_log = telling.remote_log.settings();
    for (const Timeline::Entry& entry : telling.timeline.entries())
        state.stages.push_back({entry.stage, entry.began});
    return state;
}

}  // namespace bootwire::init
