#include "plan/network_plan.h"

#include "base/host_name.h"
#include "base/text.h"

namespace bootwire::plan {

namespace {

constexpr uint16_t log_port = 514;  // RFC 5426

/// Strongest source first: bootwire.log=, then option 7 of the lease.
Field<std::vector<Portal>> choose_log_servers(const Settings& settings,
                                              const std::optional<dhcp::Lease>& lease,
                                              Report& report) {
    Field<std::vector<Portal>> servers;
    for (const Setting* setting : settings.of(Key::bootwire_log)) {
        if (servers.given() && servers.source != setting->source) break;
        if (setting->text == "off") {  // nowhere, and nothing said before it counts
            servers.source = setting->source;
            return servers;
        }
        const auto host = parse_host_and_port(setting->text);
        if (!host) {
            report.warnings.push_back(malformed(*setting));
            continue;
        }
        servers.source = setting->source;
        const Portal server{host->host, host->port.value_or(log_port)};
        servers.value.insert(servers.value.begin(), server);
    }
    if (servers.given() || !lease || lease->log_servers.empty()) return servers;
    for (const IpAddress& address : lease->log_servers)
        servers.value.push_back({address, log_port});
    servers.source = Source::dhcp(7, lease->server);
    return servers;
}

void take_request(const NetworkRequest& request, NetworkPlan& plan) {
    plan.vlan = request.vlan;
    plan.dns_servers = request.dns_servers;
    plan.ntp_servers = request.ntp_servers;
    plan.host_name = request.host_name;
    if (const auto& fixed = request.address.value) {
        plan.address = {fixed->address, request.address.source};
        if (fixed->gateway) {
            plan.routes = {{Route::default_via(*fixed->gateway)}, request.address.source};
        }
    }
}

/// What the request leaves open, the lease fills in.
void take_lease(const dhcp::Lease& lease, NetworkPlan& plan, Report& report) {
    const auto option = [&](uint8_t number) { return Source::dhcp(number, lease.server); };
    plan.address = {lease.address, option(0)};
    if (auto routes = lease.routes(); !routes.empty()) {
        plan.routes = {std::move(routes), option(lease.routes_option())};
    }
    if (plan.dns_servers.value.empty() && !lease.dns_servers.empty()) {
        plan.dns_servers = {lease.dns_servers, option(6)};
    }
    if (plan.ntp_servers.value.empty() && !lease.ntp_servers.empty()) {
        plan.ntp_servers = {lease.ntp_servers, option(42)};
    }
    const auto name = [&](std::string_view what, const std::string& text, uint8_t number,
                          Field<std::string>& field) {
        if (!field.value.empty() || text.empty()) return;
        if (is_host_name(text)) {
            field = {text, option(number)};
        } else {
            report.warnings.push_back(std::string(what) + ": \"" + printable(text, 80) +
                                      "\" from " + option(number).to_string() +
                                      " is not usable; expected a name of letters, digits, '-' "
                                      "and '.'");
        }
    };
    name("host name", lease.host_name, 12, plan.host_name);
    name("domain name", lease.domain_name, 15, plan.domain_name);
    if (const auto mtu = lease.usable_mtu()) {
        plan.mtu = {mtu, option(26)};
    } else if (lease.mtu) {
        report.warnings.push_back("MTU: \"" + std::to_string(*lease.mtu) + "\" from " +
                                  option(26).to_string() +
                                  " is not usable; expected a number from 576 to 65535");
    }
}

template <class T>
bool change(Field<T>& field, const T& value, const Source& source) {
    const bool nobody_else = !field.given() || field.source.kind == Source::Kind::dhcp;
    if (!nobody_else || value.empty() || field.value == value) return false;
    field = {value, source};
    return true;
}

}  // namespace

bool NetworkPlan::follow(const dhcp::Lease& lease) {
    const bool servers = change(dns_servers, lease.dns_servers, Source::dhcp(6, lease.server));
    const bool domain = is_host_name(lease.domain_name) &&
                        change(domain_name, lease.domain_name, Source::dhcp(15, lease.server));
    return servers || domain;
}

NetworkPlan plan_network(const Request& request, const std::optional<dhcp::Lease>& lease,
                         Report& report) {
    NetworkPlan plan;
    plan.log_servers = choose_log_servers(request.settings, lease, report);
    take_request(request.network, plan);
    if (lease && !request.network.address.value) take_lease(*lease, plan, report);
    return plan;
}

}  // namespace bootwire::plan
