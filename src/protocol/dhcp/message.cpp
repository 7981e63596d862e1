#include "dhcp/message.h"

#include <algorithm>
#include <string>

namespace bootwire::dhcp {

namespace {

constexpr uint8_t boot_request = 1;
constexpr uint8_t boot_reply = 2;
constexpr uint8_t ethernet = 1;
constexpr uint16_t broadcast_flag = 0x8000;
constexpr uint32_t magic_cookie = 0x63825363;

// Where RFC 2131 section 2 puts the fields.
constexpr size_t xid_at = 4;
constexpr size_t secs_at = 8;
constexpr size_t flags_at = 10;
constexpr size_t ciaddr_at = 12;
constexpr size_t yiaddr_at = 16;
constexpr size_t siaddr_at = 20;
constexpr size_t giaddr_at = 24;
constexpr size_t chaddr_at = 28;
constexpr size_t sname_at = 44;
constexpr size_t sname_size = 64;
constexpr size_t file_at = 108;
constexpr size_t file_size = 128;
constexpr size_t cookie_at = 236;
constexpr size_t options_at = 240;

constexpr size_t min_built_size = 300;
constexpr size_t max_parsed_size = 9216;

/// Reads the options of one field up to its end option, or to its end where that is missing.
Status read_options(Bytes field, std::string_view field_name, Options& into) {
    Reader reader(field);
    while (const auto code = reader.u8()) {
        if (*code == option::pad) continue;
        if (*code == option::end) break;
        const auto length = reader.u8();
        const auto value = length ? reader.take(*length) : std::nullopt;
        if (!value) {
            return fail("DHCP option " + std::to_string(*code) + " runs past the end of the " +
                        std::string(field_name));
        }
        into.add(*code, *value);
    }
    return {};
}

Result<Options> read_all_options(Bytes payload) {
    Options options;
    if (auto read = read_options(payload.subspan(options_at), "message", options); !read) {
        return std::unexpected(read.error());
    }
    // RFC 3396 section 5: the option field first, then file, then sname.
    const uint8_t overload = options.u8(option::overload).value_or(0);
    if (overload & 1) {
        const auto read = read_options(payload.subspan(file_at, file_size), "file field", options);
        if (!read) return std::unexpected(read.error());
    }
    if (overload & 2) {
        const auto read =
            read_options(payload.subspan(sname_at, sname_size), "sname field", options);
        if (!read) return std::unexpected(read.error());
    }
    return options;
}

void append_option(std::vector<uint8_t>& bytes, uint8_t code, Bytes value) {
    do {
        const Bytes chunk = value.first(std::min<size_t>(value.size(), 255));
        bytes.push_back(code);
        bytes.push_back(static_cast<uint8_t>(chunk.size()));
        bytes.insert(bytes.end(), chunk.begin(), chunk.end());
        value = value.subspan(chunk.size());
    } while (!value.empty());
}

}  // namespace

std::string_view to_string(MessageType type) {
    static constexpr std::string_view names[] = {
        "DHCPDISCOVER", "DHCPOFFER", "DHCPREQUEST", "DHCPDECLINE",
        "DHCPACK",      "DHCPNAK",   "DHCPRELEASE", "DHCPINFORM",
    };
    return names[static_cast<size_t>(type) - 1];
}

Result<Message> parse_message(Bytes payload) {
    if (payload.size() < options_at || payload.size() > max_parsed_size) {
        return fail("a DHCP message cannot have " + std::to_string(payload.size()) + " bytes");
    }
    if (payload[0] != boot_request && payload[0] != boot_reply) {
        return fail("DHCP operation code " + std::to_string(payload[0]) + " does not exist");
    }
    if (payload[1] != ethernet || payload[2] != MacAddress{}.bytes.size()) {
        return fail("the DHCP message is not for an Ethernet address");
    }
    if (load_be32(&payload[cookie_at]) != magic_cookie) {
        return fail("a BOOTP message without DHCP's magic cookie");
    }
    auto all = read_all_options(payload);
    if (!all) return std::unexpected(all.error());
    const auto type = all->u8(option::message_type);
    if (!type) return fail("a BOOTP message without a DHCP message type (option 53)");
    if (*type < 1 || *type > static_cast<uint8_t>(MessageType::inform)) {
        return fail("DHCP message type " + std::to_string(*type) + " is not known");
    }

    Message message;
    message.from_server = payload[0] == boot_reply;
    message.type = static_cast<MessageType>(*type);
    message.transaction = load_be32(&payload[xid_at]);
    message.seconds = load_be16(&payload[secs_at]);
    message.wants_broadcast = (load_be16(&payload[flags_at]) & broadcast_flag) != 0;
    message.client_address = IpAddress::v4(load_be32(&payload[ciaddr_at]));
    message.your_address = IpAddress::v4(load_be32(&payload[yiaddr_at]));
    message.next_server = IpAddress::v4(load_be32(&payload[siaddr_at]));
    message.relay = IpAddress::v4(load_be32(&payload[giaddr_at]));
    std::ranges::copy(payload.subspan(chaddr_at, 6), message.hardware_address.bytes.begin());
    for (const auto& [code, value] : all->all()) {
        if (code != option::message_type && code != option::overload) {
            message.options.add(code, value);
        }
    }
    return message;
}

std::vector<uint8_t> build_message(const Message& message) {
    std::vector<uint8_t> bytes(options_at);
    bytes[0] = message.from_server ? boot_reply : boot_request;
    bytes[1] = ethernet;
    bytes[2] = static_cast<uint8_t>(message.hardware_address.bytes.size());
    store_be32(&bytes[xid_at], message.transaction);
    store_be16(&bytes[secs_at], message.seconds);
    store_be16(&bytes[flags_at], message.wants_broadcast ? broadcast_flag : 0);
    store_be32(&bytes[ciaddr_at], message.client_address.v4_host_order());
    store_be32(&bytes[yiaddr_at], message.your_address.v4_host_order());
    store_be32(&bytes[siaddr_at], message.next_server.v4_host_order());
    store_be32(&bytes[giaddr_at], message.relay.v4_host_order());
    std::ranges::copy(message.hardware_address.bytes, bytes.begin() + chaddr_at);
    store_be32(&bytes[cookie_at], magic_cookie);

    const auto type = static_cast<uint8_t>(message.type);
    append_option(bytes, option::message_type, Bytes(&type, 1));
    for (const auto& [code, value] : message.options.all()) {
        append_option(bytes, code, value);
    }
    bytes.push_back(option::end);
    if (bytes.size() < min_built_size) bytes.resize(min_built_size, option::pad);
    return bytes;
}

}  // namespace bootwire::dhcp
