#include "dhcp/message.h"

#include <gtest/gtest.h>

#include "dhcp/lease.h"
#include "dhcp/packet.h"

namespace bootwire::dhcp {
namespace {

const IpAddress address = IpAddress::v4(192, 168, 1, 77);

Message ack() {
    Message message;
    message.from_server = true;
    message.type = MessageType::ack;
    message.transaction = 0x01020304;
    message.seconds = 7;
    message.your_address = address;
    message.hardware_address = *MacAddress::parse("dc:a6:32:01:02:03");
    return message;
}

TEST(Message, is_read_back_as_it_was_built_and_has_at_least_300_bytes) {
    Message message = ack();
    message.wants_broadcast = true;
    message.options.add_text(option::host_name, "pi");
    message.options.add(option::rapid_commit, {});
    const auto bytes = build_message(message);
    EXPECT_EQ(bytes.size(), 300u);
    const auto read = parse_message(bytes);
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_EQ(*read, message);
}

TEST(Message, joins_options_that_were_split) {
    Message message = ack();
    const std::string path(700, 'x');
    message.options.add_text(option::root_path, path);
    const auto read = parse_message(build_message(message));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->options.text(option::root_path), path);
}

TEST(Message, reads_options_that_overflow_into_file_and_sname) {
    auto bytes = build_message(ack());
    const std::vector<uint8_t> more = {option::overload, 1, 3, option::root_path, 1, 'a', 255};
    std::ranges::copy(more, bytes.begin() + 243);
    const std::vector<uint8_t> in_file = {option::root_path, 1, 'b', 255, 17, 1, 'X'};
    std::ranges::copy(in_file, bytes.begin() + 108);
    const std::vector<uint8_t> in_sname = {option::root_path, 1, 'c'};
    std::ranges::copy(in_sname, bytes.begin() + 44);
    const auto read = parse_message(bytes);
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_EQ(read->options.text(option::root_path), "abc");
}

TEST(Message, tolerates_a_missing_end_and_trailing_nuls_in_text) {
    Message message = ack();
    message.options.add_text(option::root_path, std::string_view("path\0\0", 6));
    auto bytes = build_message(message);
    bytes.resize(240 + 3 + 8);
    const auto read = parse_message(bytes);
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_EQ(read->options.text(option::root_path), "path");
}

TEST(Message, says_what_is_wrong_with_it) {
    const auto error_after = [](auto change) {
        auto bytes = build_message(ack());
        change(bytes);
        const auto read = parse_message(bytes);
        return read ? "" : read.error().to_string();
    };
    EXPECT_EQ(error_after([](auto& b) { b.resize(239); }), "a DHCP message cannot have 239 bytes");
    EXPECT_EQ(error_after([](auto& b) { b[236] = 0; }),
              "a BOOTP message without DHCP's magic cookie");
    EXPECT_EQ(error_after([](auto& b) { b[0] = 3; }), "DHCP operation code 3 does not exist");
    EXPECT_EQ(error_after([](auto& b) { b[2] = 16; }),
              "the DHCP message is not for an Ethernet address");
    EXPECT_EQ(error_after([](auto& b) { b[240] = 0, b[241] = 0, b[242] = 0; }),
              "a BOOTP message without a DHCP message type (option 53)");
    EXPECT_EQ(error_after([](auto& b) { b[242] = 99; }), "DHCP message type 99 is not known");
    EXPECT_EQ(error_after([](auto& b) { b.resize(242); }),
              "DHCP option 53 runs past the end of the message");
}

TEST(Lease, reads_every_option) {
    Message message = ack();
    auto& options = message.options;
    options.add_address(option::server_id, IpAddress::v4(192, 168, 1, 1));
    options.add_address(option::subnet_mask, IpAddress::v4(255, 255, 255, 128));
    options.add_address(option::routers, IpAddress::v4(192, 168, 1, 1));
    options.add_address(option::routers, IpAddress{});
    options.add_address(option::dns_servers, IpAddress::v4(8, 8, 8, 8));
    options.add_text(option::boot_mode, "kexec");
    options.add_text(option::initiator_name, "iqn.2026-11.x:y");
    options.add_u16(option::mtu, 9000);
    options.add(option::classless_routes,
                std::vector<uint8_t>{0, 192, 168, 1, 1, 20, 10, 1, 0xff, 0, 0, 0, 0});
    const auto lease = read_lease(message);
    ASSERT_TRUE(lease);
    EXPECT_EQ(lease->address.to_string(), "192.168.1.77/25");
    EXPECT_EQ(lease->routers.size(), 1u);
    EXPECT_EQ(lease->dns_servers.at(0).to_string(), "8.8.8.8");
    EXPECT_EQ(lease->boot_mode, "kexec");
    EXPECT_EQ(lease->initiator_name, "iqn.2026-11.x:y");
    EXPECT_EQ(lease->mtu, 9000);
    ASSERT_EQ(lease->classless_routes.size(), 2u);
    EXPECT_EQ(lease->classless_routes[0].destination.to_string(), "0.0.0.0/0");
    EXPECT_EQ(lease->classless_routes[1].destination.to_string(), "10.1.240.0/20");
    EXPECT_TRUE(lease->classless_routes[1].router.is_unspecified());
}

TEST(Lease, makes_do_with_what_servers_leave_out_or_get_wrong) {
    Message message = ack();
    message.options.add_address(option::subnet_mask, IpAddress::v4(255, 0, 255, 0));
    message.options.add_u16(option::mtu, 10);
    message.options.add(option::classless_routes, std::vector<uint8_t>{33, 1, 2, 3, 4, 5});
    message.options.add(option::dns_servers, std::vector<uint8_t>{1, 2, 3});
    const auto lease = read_lease(message);
    ASSERT_TRUE(lease);
    EXPECT_EQ(lease->address.length, 24);
    EXPECT_FALSE(lease->mtu);
    EXPECT_TRUE(lease->classless_routes.empty());
    EXPECT_TRUE(lease->dns_servers.empty());
    EXPECT_EQ(lease->duration, std::chrono::hours(1));
    EXPECT_EQ(lease->renewal, std::chrono::minutes(30));
    EXPECT_EQ(lease->rebinding, std::chrono::seconds(3150));
}

TEST(Lease, does_not_believe_t1_and_t2_in_the_wrong_order) {
    Message message = ack();
    message.options.add(option::lease_time, std::vector<uint8_t>{0, 0, 0, 80});
    message.options.add(option::renewal_time, std::vector<uint8_t>{0, 0, 0, 70});
    message.options.add(option::rebinding_time, std::vector<uint8_t>{0, 0, 0, 60});
    const auto lease = read_lease(message);
    ASSERT_TRUE(lease);
    EXPECT_EQ(lease->renewal, std::chrono::seconds(40));
    EXPECT_EQ(lease->rebinding, std::chrono::seconds(70));
}

/// A client's packet with the ports swapped: a server's.
std::vector<uint8_t> server_packet(Bytes message) {
    auto packet = build_packet(IpAddress::v4(192, 168, 1, 1), address, message);
    std::swap(packet[21], packet[23]);  // the sum stays the same
    return packet;
}

TEST(Packet, is_read_back_with_or_without_padding_and_checksum) {
    for (const size_t size : {300u, 301u}) {
        const std::vector<uint8_t> message(size, 0xa5);
        auto packet = server_packet(message);
        packet.resize(packet.size() + 7);
        const auto read = parse_packet(packet, Checksum::present);
        ASSERT_TRUE(read) << read.error().to_string();
        EXPECT_TRUE(std::ranges::equal(read->message, message));
        EXPECT_EQ(read->source.to_string(), "192.168.1.1");
        packet[26] = packet[27] = 0;
        EXPECT_TRUE(parse_packet(packet, Checksum::present)) << "no sum at all (RFC 768)";
    }
}

TEST(Packet, with_a_wrong_checksum_is_refused_unless_the_kernel_says_it_is_not_there_yet) {
    auto packet = server_packet(std::vector<uint8_t>(300, 1));
    packet[100] ^= 1;
    EXPECT_FALSE(parse_packet(packet, Checksum::present));
    EXPECT_TRUE(parse_packet(packet, Checksum::may_be_missing));
    packet[8] ^= 1;
    EXPECT_FALSE(parse_packet(packet, Checksum::may_be_missing)) << "the IPv4 header's is there";
}

TEST(Packet, that_is_something_else_is_passed_over) {
    const auto good = server_packet(std::vector<uint8_t>(300, 1));
    const auto accepted_after = [&](size_t at, uint8_t value) {
        auto packet = good;
        packet[at] = value;
        // Keep the header's sum right, so that the field itself decides.
        store_be16(&packet[10], 0);
        uint32_t sum = 0;
        for (size_t i = 0; i < 20; i += 2)
            sum += load_be16(&packet[i]);
        while (sum >> 16)
            sum = (sum & 0xffff) + (sum >> 16);
        store_be16(&packet[10], static_cast<uint16_t>(~sum));
        return parse_packet(packet, Checksum::may_be_missing).has_value();
    };
    EXPECT_TRUE(accepted_after(1, 0));
    EXPECT_FALSE(accepted_after(0, 0x65));
    EXPECT_FALSE(accepted_after(0, 0x44));
    EXPECT_FALSE(accepted_after(3, 255));
    EXPECT_FALSE(accepted_after(2, 0));
    EXPECT_FALSE(accepted_after(6, 0x20));
    EXPECT_FALSE(accepted_after(7, 1));
    EXPECT_FALSE(accepted_after(9, 6));
    EXPECT_FALSE(accepted_after(23, 67));
    EXPECT_FALSE(accepted_after(24, 0xff));
    for (size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(parse_packet(Bytes(good).first(size), Checksum::may_be_missing));
}

}  // namespace
}  // namespace bootwire::dhcp
