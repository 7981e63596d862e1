#include "dhcp/lease.h"

#include <algorithm>

#include "dhcp/message.h"

namespace bootwire::dhcp {

namespace {

using std::chrono::seconds;

/// RFC 2131 section 4.3.1 obliges the server to send option 51. An hour keeps the renewal going
/// with one that does not.
constexpr seconds assumed_duration{3600};
/// Less would mean renewing all the time.
constexpr seconds min_duration{10};
constexpr uint16_t min_mtu = 68;  // RFC 2132 section 5.1
constexpr uint16_t least_usable_mtu = 576;
constexpr size_t max_routes = 16;

bool host_may_have(const IpAddress& address) {
    const uint8_t first = address.bytes[0];
    return first != 0 && first != 127 && first < 224;
}

uint8_t prefix_length(const Message& message) {
    if (const auto mask = message.options.address(option::subnet_mask)) {
        const auto length = prefix_length_of_netmask(*mask);
        if (length && *length > 0) return *length;
    }
    return classful_prefix_length(message.your_address);
}

/// RFC 3442. Routes from a list that is malformed are not used at all.
std::vector<Route> read_routes(Bytes value) {
    std::vector<Route> routes;
    Reader reader(value);
    while (!reader.empty()) {
        const uint8_t length = *reader.u8();
        if (length > 32) return {};
        const auto significant = reader.take((length + 7u) / 8);
        if (!significant) return {};
        const auto router = reader.be32();
        if (!router) return {};
        uint8_t destination[4] = {};
        std::ranges::copy(*significant, destination);
        const uint32_t mask = length == 0 ? 0 : ~uint32_t{0} << (32 - length);
        if (routes.size() < max_routes) {
            routes.push_back(
                {{IpAddress::v4(load_be32(destination) & mask), length}, IpAddress::v4(*router)});
        }
    }
    return routes;
}

std::string tftp_server_of(const Message& message, const IpAddress& server) {
    if (!message.next_server.is_unspecified()) return message.next_server.to_string();
    const auto listed = message.options.addresses(option::tftp_servers);
    if (!listed.empty()) return listed.front().to_string();
    std::string named = message.options.text(option::tftp_server_name);
    if (!named.empty()) return named;
    return server.is_unspecified() ? named : server.to_string();
}

void read_times(const Options& options, Lease& lease) {
    const auto duration = options.u32(option::lease_time);
    lease.duration = duration ? std::max(seconds(*duration), min_duration) : assumed_duration;
    const auto given = [&](uint8_t code, seconds otherwise) {
        const auto value = options.u32(code);
        return value ? seconds(*value) : otherwise;
    };
    const seconds half = lease.duration / 2;
    const seconds most = lease.duration * 7 / 8;
    lease.renewal = given(option::renewal_time, half);
    lease.rebinding = given(option::rebinding_time, most);
    const bool sensible = lease.renewal > seconds(0) && lease.renewal < lease.rebinding &&
                          lease.rebinding < lease.duration;
    if (!sensible) {
        lease.renewal = half;
        lease.rebinding = most;
    }
}

}  // namespace

std::vector<Route> Lease::routes() const {
    if (!classless_routes.empty() || routers.empty()) return classless_routes;
    return {Route::default_via(routers.front())};
}

uint8_t Lease::routes_option() const {
    if (classless_routes.empty()) return option::routers;
    return routes_are_microsofts ? option::microsoft_routes : option::classless_routes;
}

std::optional<uint16_t> Lease::usable_mtu() const {
    return mtu && *mtu >= least_usable_mtu ? mtu : std::nullopt;
}

Result<Lease> read_lease(const Message& message) {
    const Options& options = message.options;
    if (!host_may_have(message.your_address)) {
        return fail("the DHCP server gives the address " + message.your_address.to_string() +
                    ", which no host can have");
    }
    Lease lease;
    lease.address = {message.your_address, prefix_length(message)};
    lease.server = options.address(option::server_id).value_or(IpAddress{});
    lease.routers = options.addresses(option::routers);
    lease.classless_routes = read_routes(options.find(option::classless_routes).value_or(Bytes{}));
    if (lease.classless_routes.empty()) {
        lease.classless_routes =
            read_routes(options.find(option::microsoft_routes).value_or(Bytes{}));
        lease.routes_are_microsofts = !lease.classless_routes.empty();
    }
    lease.dns_servers = options.addresses(option::dns_servers);
    lease.ntp_servers = options.addresses(option::ntp_servers);
    lease.log_servers = options.addresses(option::log_servers);
    lease.host_name = options.text(option::host_name);
    lease.domain_name = options.text(option::domain_name);
    lease.root_path = options.text(option::root_path);
    lease.boot_mode = options.text(option::boot_mode);
    lease.initiator_name = options.text(option::initiator_name);
    lease.tftp_server = tftp_server_of(message, lease.server);
    if (const auto mtu = options.u16(option::mtu); mtu && *mtu >= min_mtu) lease.mtu = mtu;
    read_times(options, lease);
    return lease;
}

}  // namespace bootwire::dhcp
