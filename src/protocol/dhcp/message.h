// DHCP messages as bytes (RFC 2131 section 2, RFC 2132, RFC 3396).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/error.h"

namespace bootwire::dhcp {

namespace option {
inline constexpr uint8_t pad = 0;
inline constexpr uint8_t subnet_mask = 1;
inline constexpr uint8_t routers = 3;
inline constexpr uint8_t dns_servers = 6;
inline constexpr uint8_t log_servers = 7;
inline constexpr uint8_t host_name = 12;
inline constexpr uint8_t domain_name = 15;
inline constexpr uint8_t root_path = 17;
inline constexpr uint8_t mtu = 26;
inline constexpr uint8_t ntp_servers = 42;
inline constexpr uint8_t requested_address = 50;
inline constexpr uint8_t lease_time = 51;
inline constexpr uint8_t overload = 52;
inline constexpr uint8_t message_type = 53;
inline constexpr uint8_t server_id = 54;
inline constexpr uint8_t parameter_list = 55;
inline constexpr uint8_t text = 56;
inline constexpr uint8_t max_message_size = 57;
inline constexpr uint8_t renewal_time = 58;
inline constexpr uint8_t rebinding_time = 59;
inline constexpr uint8_t vendor_class = 60;
inline constexpr uint8_t client_id = 61;
inline constexpr uint8_t tftp_server_name = 66;
inline constexpr uint8_t rapid_commit = 80;
inline constexpr uint8_t client_fqdn = 81;
inline constexpr uint8_t classless_routes = 121;
inline constexpr uint8_t tftp_servers = 150;  // RFC 5859
inline constexpr uint8_t initiator_name = 203;
inline constexpr uint8_t boot_mode = 224;
inline constexpr uint8_t microsoft_routes = 249;
inline constexpr uint8_t end = 255;
}  // namespace option

enum class MessageType : uint8_t {
    discover = 1,
    offer = 2,
    request = 3,
    decline = 4,
    ack = 5,
    nak = 6,
    release = 7,
    inform = 8,
};

/// "DHCPOFFER".
std::string_view to_string(MessageType type);

/// Options by code, in the order they were added. The typed getters read the first value that the
/// option holds and give nothing if it is absent or too short.
class Options {
  public:
    struct Option {
        uint8_t code;
        std::vector<uint8_t> value;
        bool operator==(const Option&) const = default;
    };

    /// Where the code is there already, its value is continued (RFC 3396 section 7). `pad` and
    /// `end` are no options.
    void add(uint8_t code, Bytes value);
    void add_u16(uint8_t code, uint16_t value);
    void add_text(uint8_t code, std::string_view text);
    /// Only IPv4.
    void add_address(uint8_t code, const IpAddress& address);

    bool has(uint8_t code) const { return find(code).has_value(); }
    std::optional<Bytes> find(uint8_t code) const;
    std::optional<uint8_t> u8(uint8_t code) const;
    std::optional<uint16_t> u16(uint8_t code) const;
    std::optional<uint32_t> u32(uint8_t code) const;
    std::optional<IpAddress> address(uint8_t code) const;
    /// At most 16, 0.0.0.0 left out, a last one that is not whole ignored.
    std::vector<IpAddress> addresses(uint8_t code) const;
    /// Trailing NULs removed (RFC 2132 section 2 forbids them, servers send them); empty if absent.
    std::string text(uint8_t code) const;

    const std::vector<Option>& all() const { return options_; }
    bool operator==(const Options&) const = default;

  private:
    std::vector<Option> options_;
};

/// A message over Ethernet or Wi-Fi (htype 1). Names in comments are RFC 2131's.
struct Message {
    bool from_server = false;  ///< op: BOOTREPLY
    MessageType type = MessageType::discover;
    uint32_t transaction = 0;      ///< xid
    uint16_t seconds = 0;          ///< secs
    bool wants_broadcast = false;  ///< the BROADCAST bit of flags
    IpAddress client_address;      ///< ciaddr
    IpAddress your_address;        ///< yiaddr
    IpAddress next_server;         ///< siaddr
    IpAddress relay;               ///< giaddr
    MacAddress hardware_address;   ///< chaddr
    Options options;               ///< all but message type, overload, pad and end

    bool operator==(const Message&) const = default;
};

/// The DHCP message in a UDP payload of at most 9216 bytes. Options that were split are joined,
/// those in `file` and `sname` included (option 52). A missing end option is tolerated; an option
/// that runs past its field, a missing magic cookie (plain BOOTP) or a missing or unknown message
/// type is an error.
Result<Message> parse_message(Bytes payload);

/// The UDP payload, padded to the 300 bytes that some relays insist on (RFC 1542 section 2.1).
/// Options longer than 255 bytes are split (RFC 3396).
std::vector<uint8_t> build_message(const Message& message);

}  // namespace bootwire::dhcp
