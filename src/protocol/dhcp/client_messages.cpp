#include "dhcp/client_messages.h"

#include <algorithm>

namespace bootwire::dhcp {

namespace {

/// What we want to know, most wanted first, as a server may leave out what does not fit. RFC 3442
/// wants 121 before 3.
constexpr uint8_t wanted[] = {
    option::subnet_mask,
    option::classless_routes,
    option::routers,
    option::root_path,
    option::microsoft_routes,
    option::dns_servers,
    option::boot_mode,
    option::initiator_name,
    option::host_name,
    option::domain_name,
    option::mtu,
    option::lease_time,
    option::server_id,
    option::renewal_time,
    option::rebinding_time,
    option::ntp_servers,
    option::log_servers,
    option::tftp_servers,
    option::tftp_server_name,
};

/// The UDP payload that fits an Ethernet frame; servers that count the headers in stay below it.
constexpr uint16_t max_message_size = 1472;

Message make(const ClientIdentity& identity, MessageType type, const Exchange& exchange) {
    Message message;
    message.type = type;
    message.transaction = exchange.transaction;
    message.seconds = exchange.seconds;
    message.wants_broadcast = exchange.wants_broadcast;
    message.hardware_address = identity.mac;
    if (!identity.client_id.empty()) message.options.add(option::client_id, identity.client_id);
    return message;
}

/// RFC 4702: whoever says his whole name does so with option 81, in DNS's form, and not with option
/// 12 as well.
void add_name(Message& message, std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    if (name.empty()) return;
    if (!name.contains('.')) return message.options.add_text(option::host_name, name);
    constexpr uint8_t server_updates = 1, in_dns_form = 4;
    std::vector<uint8_t> value{server_updates | in_dns_form, 0, 0};
    while (!name.empty()) {
        const std::string_view label = name.substr(0, name.find('.'));
        value.push_back(static_cast<uint8_t>(label.size()));
        value.insert(value.end(), label.begin(), label.end());
        name.remove_prefix(std::min(label.size() + 1, name.size()));
    }
    value.push_back(0);
    message.options.add(option::client_fqdn, value);
}

void add_wishes(Message& message, const ClientIdentity& identity) {
    message.options.add_u16(option::max_message_size, max_message_size);
    if (!identity.vendor_class.empty()) {
        message.options.add_text(option::vendor_class, identity.vendor_class);
    }
    add_name(message, identity.host_name);
    message.options.add(option::parameter_list, wanted);
}

}  // namespace

Message make_discover(const ClientIdentity& identity, const Exchange& exchange,
                      const std::optional<IpAddress>& wish, bool rapid_commit) {
    Message message = make(identity, MessageType::discover, exchange);
    if (wish) message.options.add_address(option::requested_address, *wish);
    if (rapid_commit) message.options.add(option::rapid_commit, {});
    add_wishes(message, identity);
    return message;
}

Message make_request(const ClientIdentity& identity, const Exchange& exchange,
                     const IpAddress& offered, const IpAddress& server) {
    Message message = make_reboot_request(identity, exchange, offered);
    message.options.add_address(option::server_id, server);
    return message;
}

Message make_reboot_request(const ClientIdentity& identity, const Exchange& exchange,
                            const IpAddress& address) {
    Message message = make(identity, MessageType::request, exchange);
    message.options.add_address(option::requested_address, address);
    add_wishes(message, identity);
    return message;
}

Message make_extension_request(const ClientIdentity& identity, const Exchange& exchange,
                               const IpAddress& address) {
    Message message = make(identity, MessageType::request, exchange);
    message.client_address = address;
    add_wishes(message, identity);
    return message;
}

Message make_decline(const ClientIdentity& identity, uint32_t transaction, const Lease& lease) {
    Message message = make(identity, MessageType::decline, {.transaction = transaction});
    message.options.add_address(option::requested_address, lease.address.address);
    message.options.add_address(option::server_id, lease.server);
    message.options.add_text(option::text, "address in use by another host");
    return message;
}

Message make_release(const ClientIdentity& identity, uint32_t transaction, const Lease& lease) {
    Message message = make(identity, MessageType::release, {.transaction = transaction});
    message.client_address = lease.address.address;
    message.options.add_address(option::server_id, lease.server);
    return message;
}

}  // namespace bootwire::dhcp
