#include "init/network_stage.h"

#include <set>
#include <utility>

#include "base/text.h"
#include "os/log.h"
#include "plan/plan.h"
#include "plan/root_paths.h"

namespace bootwire::init {

namespace {

uplink::UplinkSettings uplink_settings(const plan::NetworkRequest& request) {
    uplink::UplinkSettings settings;
    if (const auto& wanted = request.address.value) {
        settings.static_address = {wanted->address, {}};
        if (wanted->gateway) {
            settings.static_address->routes.push_back(Route::default_via(*wanted->gateway));
        }
    }
    settings.device = request.interface.value;
    settings.vlan = request.vlan.value;
    settings.host_name = request.host_name.value;
    settings.root_path = request.root_path;
    settings.find_flaw = [](const dhcp::Lease& lease) {
        plan::Report report;
        if (plan::read_root_paths(lease, report)) return std::string();
        return report.warnings.empty() ? "an empty root path" : join(report.warnings, "; ");
    };
    return settings;
}

void take_down(const uplink::Network& network) {
    auto links = net::Links::open();
    if (!links) return;
    if (auto flushed = links->flush(network.link); !flushed) {
        log::warning(flushed.error().to_string());
    }
}

}  // namespace

void begin_anew(Findings& findings) {
    const Findings before = std::exchange(findings, {});
    if (before.network) take_down(*before.network);
}

Result<std::unique_ptr<uplink::Uplink>> bring_up_network(const plan::Request& request,
                                                         Telling& telling, People& people,
                                                         const std::function<void()>& on_progress) {
    uplink::UplinkSettings settings = uplink_settings(request.network);
    settings.on_waiting = [&, explained = std::set<Topic>()](const Error& error) mutable {
        if (explained.insert(error.topic).second) log::info(where_to_read_on(error.topic));
        telling.progress.waiting(error);
        people.offer_help();
    };
    settings.go_on = [&]() -> Status {
        on_progress();
        if (people.retry_wanted) return fail_for_now("waiting for the network was ended");
        return {};
    };
    auto uplink = uplink::Uplink::bring_up(settings);
    if (!uplink) return uplink;
    const uplink::Network& network = (*uplink)->network();
    const std::string found =
        network.link.name + ": address " + network.address.to_string() +
        (network.lease ? " from " + network.lease->server.to_string() : ", static");
    log::info(found);
    telling.progress.detail(found);
    return uplink;
}

net::NameServers name_servers_of(const plan::NetworkPlan& network) {
    return {network.dns_servers.value, network.domain_name.value};
}

uplink::RemoteLogSettings remote_log_settings(const plan::NetworkPlan& network) {
    uplink::RemoteLogSettings settings;
    for (const plan::Portal& server : network.log_servers.value) {
        settings.servers.push_back({plan::to_string(server.host), server.port});
    }
    settings.own_name = network.host_name.value;
    if (settings.own_name.empty()) settings.own_name = network.address.value.address.to_string();
    settings.name_servers = name_servers_of(network);
    return settings;
}

}  // namespace bootwire::init
