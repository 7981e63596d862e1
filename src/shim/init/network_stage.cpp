#include "init/network_stage.h"

#include <set>

#include "os/log.h"
#include "plan/plan.h"
#include "plan/root_paths.h"

namespace bootwire::init {

namespace {

uplink::UplinkSettings wired_settings(const plan::NetworkRequest& request) {
    uplink::UplinkSettings settings;
    if (request.address.value) {
        settings.static_address = {request.address.value->address, request.address.value->gateway};
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

}  // namespace

Result<std::unique_ptr<uplink::Uplink>> bring_up_network(const plan::NetworkRequest& request,
                                                     Machine& machine) {
    uplink::UplinkSettings settings = wired_settings(request);
    settings.on_waiting = [&machine, explained = std::set<Topic>()](const Error& error) mutable {
        if (explained.insert(error.topic).second) log::info(where_to_read_on(error.topic));
        machine.progress.waiting(error);
        machine.offer_help();
    };
    settings.go_on = [&machine]() -> Status {
        machine.on_progress()();
        if (machine.retry_wanted) return fail_for_now("waiting for the network was ended");
        return {};
    };
    auto wired = uplink::Uplink::bring_up(settings);
    if (!wired) return wired;
    const uplink::Network& network = (*wired)->network();
    const std::string found =
        network.link.name + ": address " + network.address.to_string() +
        (network.lease ? " from " + network.lease->server.to_string() : ", static");
    log::info(found);
    machine.progress.detail(found);
    return wired;
}

void open_remote_log(const plan::Request& request, const uplink::Network& network, Machine& machine) {
    plan::Report unheard;  // make_plan() is who warns
    const auto servers = plan::choose_log_servers(request.settings, network.lease, unheard);
    uplink::RemoteLogSettings settings;
    for (const plan::Portal& server : servers.value) {
        settings.servers.push_back({plan::to_string(server.host), server.port});
    }
    settings.own_name = request.network.host_name.value;
    settings.resolver.servers = request.network.dns_servers.value;
    if (network.lease) {
        if (settings.own_name.empty()) settings.own_name = network.lease->host_name;
        if (settings.resolver.servers.empty()) {
            settings.resolver.servers = network.lease->dns_servers;
        }
        settings.resolver.search_domain = network.lease->domain_name;
    }
    if (settings.own_name.empty()) settings.own_name = network.address.address.to_string();
    machine.remote_log.open(std::move(settings));
}

void take_down(const uplink::Network& network) {
    auto links = net::Links::open();
    if (!links) return;
    if (auto flushed = links->flush(network.link); !flushed) {
        log::warning(flushed.error().to_string());
    }
}

}  // namespace bootwire::init
