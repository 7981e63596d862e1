// Bytes on the wire, where RFC 2131, RFC 791 and RFC 768 put them, and what is read of others.
#include <gtest/gtest.h>

#include <algorithm>

#include "dhcp/lease.h"
#include "dhcp/message.h"
#include "dhcp/packet.h"

namespace bootwire::dhcp {
namespace {

using Values = std::vector<uint8_t>;

/// An OFFER of 300 bytes as RFC 2131 figure 1 draws it, with these options behind the cookie.
Values offer_with(const Values& options) {
    Values bytes(300);
    const Values head{2,  1, 6, 0, 0xa1, 0xa2, 0xa3, 0xa4, 0xb1, 0xb2, 0x80, 0,
                      10, 0, 0, 1, 10,   0,    0,    2,    10,   0,    0,    3,
                      10, 0, 0, 4, 0xdc, 0xa6, 0x32, 1,    2,    3};
    std::ranges::copy(head, bytes.begin());
    const Values cookie{99, 130, 83, 99};
    std::ranges::copy(cookie, bytes.begin() + 236);
    std::ranges::copy(options, bytes.begin() + 240);
    return bytes;
}

const Values offer{53, 1, 2};

TEST(MessageLayout, is_that_of_rfc_2131) {
    const auto bytes = offer_with({53, 1, 2, 12, 2, 'p', 'i', 255});
    const auto read = parse_message(bytes);
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_TRUE(read->from_server);
    EXPECT_EQ(read->type, MessageType::offer);
    EXPECT_EQ(read->transaction, 0xa1a2a3a4);
    EXPECT_EQ(read->seconds, 0xb1b2);
    EXPECT_TRUE(read->wants_broadcast);
    EXPECT_EQ(read->client_address.to_string(), "10.0.0.1");
    EXPECT_EQ(read->your_address.to_string(), "10.0.0.2");
    EXPECT_EQ(read->next_server.to_string(), "10.0.0.3");
    EXPECT_EQ(read->relay.to_string(), "10.0.0.4");
    EXPECT_EQ(read->hardware_address.to_string(), "dc:a6:32:01:02:03");
    EXPECT_EQ(build_message(*read), bytes);
    Message request;
    request.type = MessageType::request;
    const auto built = build_message(request);
    EXPECT_EQ(built[0], 1);
    EXPECT_EQ(built[10], 0);
    EXPECT_EQ(built[11], 0);
}

TEST(MessageLayout, has_one_flag_that_asks_for_broadcast) {
    for (const auto& [flags, broadcast] : {std::pair{0x8000, true},
                                           {0x0000, false},
                                           {0x7fff, false},
                                           {0x0001, false},
                                           {0xffff, true}}) {
        auto bytes = offer_with(offer);
        store_be16(&bytes[10], static_cast<uint16_t>(flags));
        EXPECT_EQ(parse_message(bytes)->wants_broadcast, broadcast) << flags;
    }
}

TEST(MessageTypes, are_eight_with_their_names) {
    const std::string_view names[] = {"DHCPDISCOVER", "DHCPOFFER", "DHCPREQUEST", "DHCPDECLINE",
                                      "DHCPACK",      "DHCPNAK",   "DHCPRELEASE", "DHCPINFORM"};
    for (uint8_t type = 1; type <= 8; ++type) {
        const auto read = parse_message(offer_with({53, 1, type}));
        ASSERT_TRUE(read) << int{type};
        EXPECT_EQ(to_string(read->type), names[type - 1]);
    }
    EXPECT_EQ(parse_message(offer_with({53, 1, 0})).error().what,
              "DHCP message type 0 is not known");
    EXPECT_EQ(parse_message(offer_with({53, 1, 9})).error().what,
              "DHCP message type 9 is not known");
}

TEST(MessageBytes, are_240_to_9216_of_ethernet) {
    const auto error_of = [](const Values& bytes) {
        const auto read = parse_message(bytes);
        return read ? std::string() : read.error().what;
    };
    auto bytes = offer_with(offer);
    bytes.resize(240);
    EXPECT_EQ(error_of(bytes), "a BOOTP message without a DHCP message type (option 53)");
    bytes = offer_with(offer);
    bytes.resize(9216);
    EXPECT_EQ(error_of(bytes), "");
    bytes.resize(9217);
    EXPECT_EQ(error_of(bytes), "a DHCP message cannot have 9217 bytes");
    for (const auto& [at, value, error] :
         {std::tuple{0, 0, "DHCP operation code 0 does not exist"},
          {0, 3, "DHCP operation code 3 does not exist"},
          {1, 6, "the DHCP message is not for an Ethernet address"},
          {2, 8, "the DHCP message is not for an Ethernet address"},
          {239, 98, "a BOOTP message without DHCP's magic cookie"}}) {
        bytes = offer_with(offer);
        bytes[static_cast<size_t>(at)] = static_cast<uint8_t>(value);
        EXPECT_EQ(error_of(bytes), error) << at;
    }
}

/// The root path of an OFFER whose file and sname fields have one each, with this overload option.
std::string overloaded(const Values& overload) {
    Values options = offer;
    options.insert(options.end(), overload.begin(), overload.end());
    auto bytes = offer_with(options);
    const Values in_sname{17, 1, 's', 255}, in_file{17, 1, 'f', 255};
    std::ranges::copy(in_sname, bytes.begin() + 44);
    std::ranges::copy(in_file, bytes.begin() + 108);
    const auto read = parse_message(bytes);
    EXPECT_TRUE(read);
    EXPECT_FALSE(read->options.has(option::overload)) << "nobody else asks for it";
    return read->options.text(option::root_path);
}

TEST(Overload, says_in_which_fields_there_are_options_too) {
    EXPECT_EQ(overloaded({}), "");
    EXPECT_EQ(overloaded({52, 1, 0}), "");
    EXPECT_EQ(overloaded({52, 1, 1}), "f");
    EXPECT_EQ(overloaded({52, 1, 2}), "s");
    EXPECT_EQ(overloaded({52, 1, 3}), "fs");
    EXPECT_EQ(overloaded({52, 0}), "");
}

TEST(Overload, ends_with_its_field) {
    for (const auto& [field, at, size] :
         {std::tuple{"file field", 108u, 128u}, {"sname field", 44u, 64u}}) {
        auto bytes = offer_with({53, 1, 2, 52, 1, 3});
        // An option that ends just where the field does, then one that is a byte longer.
        bytes[at] = 17;
        bytes[at + 1] = static_cast<uint8_t>(size - 2);
        std::fill_n(bytes.begin() + static_cast<ptrdiff_t>(at) + 2, size - 2, uint8_t{'x'});
        const auto whole = parse_message(bytes);
        ASSERT_TRUE(whole) << whole.error().to_string();
        EXPECT_EQ(whole->options.text(option::root_path), std::string(size - 2, 'x'));
        ++bytes[at + 1];
        const auto longer = parse_message(bytes);
        ASSERT_FALSE(longer) << field;
        EXPECT_EQ(longer.error().what,
                  "DHCP option 17 runs past the end of the " + std::string(field));
    }
}

TEST(Options, know_neither_padding_nor_an_end) {
    Options options;
    options.add(option::pad, Values{1});
    options.add(option::end, Values{1});
    EXPECT_TRUE(options.all().empty());
}

TEST(Options, have_addresses_up_to_sixteen_and_none_that_is_0) {
    Message message = *parse_message(offer_with(offer));
    message.options.add(option::dns_servers, Values{0, 0, 0, 0, 0, 0, 0, 1});
    EXPECT_EQ(read_lease(message)->dns_servers, std::vector{IpAddress::v4(0, 0, 0, 1)});
    for (uint8_t i = 2; i <= 17; ++i)
        message.options.add(option::dns_servers, Values{0, 0, 0, i});
    const auto servers = read_lease(message)->dns_servers;
    ASSERT_EQ(servers.size(), 16u);
    EXPECT_EQ(servers.back(), IpAddress::v4(0, 0, 0, 16));
}

TEST(PacketLayout, is_that_of_ipv4_and_udp) {
    const auto packet =
        build_packet(IpAddress::v4(10, 0, 0, 50), IpAddress::v4(10, 0, 0, 1), Values(300, 1));
    // Version 4 and five words of header, low delay, 328 bytes; no fragment, 64 hops at most, UDP.
    const Values head{0x45, 0x10, 1, 72, 0, 0, 0, 0, 64, 17};
    EXPECT_TRUE(std::ranges::equal(Bytes(packet).first(10), head));
    const Values behind_sum{10, 0, 0, 50, 10, 0, 0, 1, 0, 68, 0, 67, 1, 52};
    EXPECT_TRUE(std::ranges::equal(Bytes(packet).subspan(12, 14), behind_sum));
}

/// RFC 1071, for what is stored big-endian; 0 where the sum is to be.
uint16_t sum_of(Bytes bytes) {
    uint32_t sum = 0;
    for (size_t i = 0; i < bytes.size(); i += 2)
        sum += load_be16(&bytes[i]);
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint16_t>(~sum);
}

TEST(PacketLayout, may_forbid_fragments) {
    auto packet =
        build_packet(IpAddress::v4(10, 0, 0, 1), IpAddress::v4(10, 0, 0, 50), Values(300));
    std::swap(packet[21], packet[23]);
    packet[6] = 0x40;
    store_be16(&packet[10], 0);
    store_be16(&packet[10], sum_of(Bytes(packet).first(20)));
    EXPECT_TRUE(parse_packet(packet, Checksum::present));
}

/// All of it fits, but for the header's length of four words.
TEST(PacketLayout, has_no_header_of_less_than_five_words) {
    auto packet =
        build_packet(IpAddress::v4(10, 0, 0, 1), IpAddress::v4(10, 0, 0, 68), Values(300));
    packet[0] = 0x44;
    store_be16(&packet[20], static_cast<uint16_t>(packet.size() - 16));
    store_be16(&packet[22], 0);
    store_be16(&packet[10], 0);
    store_be16(&packet[10], sum_of(Bytes(packet).first(16)));
    const auto read = parse_packet(packet, Checksum::present);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().what, "an IPv4 packet of impossible length");
}

TEST(PacketSum, of_one_is_sent_as_it_is) {
    const IpAddress source = IpAddress::v4(10, 0, 0, 1), destination = IpAddress::v4(10, 0, 0, 50);
    Values message(300, 0x81);
    message[0] = message[1] = 0;
    const uint16_t sum = load_be16(&build_packet(source, destination, message)[26]);
    store_be16(&message[0], static_cast<uint16_t>(sum - 1));
    EXPECT_EQ(load_be16(&build_packet(source, destination, message)[26]), 1);
}

}  // namespace
}  // namespace bootwire::dhcp
