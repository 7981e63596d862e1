// Lengths and sums of the headers around a message, each at its bounds.
#include "dhcp/packet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace bootwire::dhcp {
namespace {

const IpAddress server = IpAddress::v4(192, 168, 1, 1);
const IpAddress client = IpAddress::v4(192, 168, 1, 77);

constexpr size_t udp_at = 20;
constexpr size_t message_at = 28;

/// RFC 1071, byte by byte: an even byte is the upper half of its word, and an odd end has a 0
/// behind it. What is to be stored where there is a 0 now.
uint16_t sum_of(Bytes bytes) {
    uint64_t sum = 0;
    for (size_t i = 0; i < bytes.size(); ++i)
        sum += uint64_t{bytes[i]} << (i % 2 == 0 ? 8 : 0);
    while (sum > 0xffff)
        sum = sum % 0x10000 + sum / 0x10000;
    return static_cast<uint16_t>(0xffff - sum);
}

/// RFC 768: the addresses, the protocol and the datagram's length come first.
uint16_t udp_sum(Bytes packet) {
    std::vector<uint8_t> summed(packet.begin() + 12, packet.begin() + udp_at);
    const size_t length = packet.size() - udp_at;
    summed.insert(summed.end(), {0, 17, uint8_t(length >> 8), uint8_t(length & 0xff)});
    summed.insert(summed.end(), packet.begin() + udp_at, packet.end());
    summed[12 + 6] = summed[12 + 7] = 0;
    return sum_of(summed);
}

std::vector<uint8_t> message_of(size_t size) {
    std::vector<uint8_t> message(size);
    std::iota(message.begin(), message.end(), uint8_t{0x81});
    return message;
}

/// As a server has it; both sums are right.
std::vector<uint8_t> server_packet(size_t size) {
    auto packet = build_packet(server, client, message_of(size));
    std::swap(packet[21], packet[23]);
    return packet;
}

/// With the lengths in IPv4's and UDP's headers; the sum of the former is right, the latter has
/// none.
std::vector<uint8_t> with_lengths(size_t total, size_t udp, size_t size = 300) {
    auto packet = server_packet(size);
    store_be16(&packet[2], static_cast<uint16_t>(total));
    store_be16(&packet[udp_at + 4], static_cast<uint16_t>(udp));
    store_be16(&packet[udp_at + 6], 0);
    store_be16(&packet[10], 0);
    store_be16(&packet[10], sum_of(Bytes(packet).first(20)));
    return packet;
}

/// The length of the message that is read; nothing if none is.
std::optional<size_t> read_from(Bytes packet) {
    const auto read = parse_packet(packet, Checksum::present);
    return read ? std::optional(read->message.size()) : std::nullopt;
}

TEST(Packet, has_the_sums_that_anybody_else_computes) {
    for (const size_t size : {0u, 1u, 2u, 299u, 300u, 301u}) {
        const auto packet = build_packet(server, client, message_of(size));
        ASSERT_EQ(packet.size(), message_at + size);
        EXPECT_EQ(load_be16(&packet[udp_at + 6]), udp_sum(packet)) << size;
        EXPECT_EQ(sum_of(Bytes(packet).first(20)), 0) << size;
    }
}

TEST(Packet, whose_last_odd_byte_is_another_one_is_refused) {
    for (const size_t size : {300u, 301u}) {
        auto packet = server_packet(size);
        store_be16(&packet[udp_at + 6], 0);
        store_be16(&packet[udp_at + 6], udp_sum(packet));
        EXPECT_EQ(read_from(packet), size);
        packet.back() ^= 0x40;
        EXPECT_FALSE(read_from(packet)) << size;
    }
}

TEST(Packet, has_ones_for_a_sum_of_zero_which_would_stand_for_none) {
    auto message = message_of(300);
    message[0] = message[1] = 0;
    store_be16(&message[0], load_be16(&build_packet(server, client, message)[udp_at + 6]));
    auto packet = build_packet(server, client, message);
    EXPECT_EQ(load_be16(&packet[udp_at + 6]), 0xffff);
    EXPECT_EQ(udp_sum(packet), 0);
    std::swap(packet[21], packet[23]);
    EXPECT_EQ(read_from(packet), 300u);
}

TEST(Packet, has_the_message_that_udps_length_says) {
    EXPECT_EQ(read_from(with_lengths(328, 308)), 300u) << "all of it";
    EXPECT_EQ(read_from(with_lengths(328, 307)), 299u) << "less than there is";
    EXPECT_EQ(read_from(with_lengths(328, 8)), 0u) << "a header alone";
    EXPECT_FALSE(read_from(with_lengths(328, 7)));
    EXPECT_FALSE(read_from(with_lengths(328, 0)));
    EXPECT_FALSE(read_from(with_lengths(328, 309))) << "one more than there is";
    EXPECT_FALSE(read_from(with_lengths(328, 0xffff)));
}

TEST(Packet, ends_where_ipv4s_length_says) {
    EXPECT_EQ(read_from(with_lengths(327, 307)), 299u);
    EXPECT_FALSE(read_from(with_lengths(327, 308))) << "what is behind it does not count";
    EXPECT_FALSE(read_from(with_lengths(329, 308)));
    EXPECT_EQ(read_from(with_lengths(28, 8)), 0u);
    EXPECT_FALSE(read_from(with_lengths(27, 8))) << "half a UDP header";
    EXPECT_FALSE(read_from(with_lengths(20, 8)));
    EXPECT_FALSE(read_from(with_lengths(19, 8)));
}

TEST(Packet, comes_to_a_clients_port_from_whichever_one) {
    for (const uint16_t port : std::initializer_list<uint16_t>{67, 1067, 65535}) {
        auto packet = with_lengths(328, 308);
        store_be16(&packet[udp_at], port);
        EXPECT_EQ(read_from(packet), 300u) << port;
        store_be16(&packet[udp_at + 2], server_port);
        EXPECT_FALSE(read_from(packet)) << port;
    }
}

TEST(Packet, may_have_options_before_the_message) {
    const auto plain = server_packet(300);
    std::vector<uint8_t> packet(plain.begin(), plain.begin() + 20);
    packet.insert(packet.end(), {1, 1, 1, 0});
    packet.insert(packet.end(), plain.begin() + 20, plain.end());
    packet[0] = 0x46;
    store_be16(&packet[2], static_cast<uint16_t>(packet.size()));
    store_be16(&packet[10], 0);
    store_be16(&packet[10], sum_of(Bytes(packet).first(24)));
    const auto read = parse_packet(packet, Checksum::present);
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_TRUE(std::ranges::equal(read->message, message_of(300)));
    EXPECT_EQ(read->source, server);
    EXPECT_EQ(read->destination, client);
}

}  // namespace
}  // namespace bootwire::dhcp
