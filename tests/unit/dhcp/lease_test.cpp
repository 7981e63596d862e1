// What a lease is read from, option by option at its bounds.
#include "dhcp/lease.h"

#include <gtest/gtest.h>

#include "dhcp/message.h"

namespace bootwire::dhcp {
namespace {

using std::chrono::seconds;
using Values = std::vector<uint8_t>;

Message granted(const IpAddress& address = IpAddress::v4(192, 168, 1, 77)) {
    Message message;
    message.from_server = true;
    message.type = MessageType::ack;
    message.your_address = address;
    return message;
}

Lease with(uint8_t code, const Values& value) {
    Message message = granted();
    message.options.add(code, value);
    const auto lease = read_lease(message);
    EXPECT_TRUE(lease);
    return lease.value_or(Lease{});
}

std::vector<std::string> routes(const Values& value) {
    std::vector<std::string> texts;
    for (const Route& route : with(option::classless_routes, value).classless_routes)
        texts.push_back(route.destination.to_string() + " " + route.router.to_string());
    return texts;
}

using Routes = std::vector<std::string>;

TEST(ClasslessRoutes, may_lead_to_a_single_host_and_to_everywhere) {
    EXPECT_EQ(routes({32, 10, 1, 2, 3, 192, 168, 1, 1}), (Routes{"10.1.2.3/32 192.168.1.1"}));
    EXPECT_EQ(routes({0, 192, 168, 1, 1}), (Routes{"0.0.0.0/0 192.168.1.1"}));
    EXPECT_EQ(routes({1, 0xff, 192, 168, 1, 1}), (Routes{"128.0.0.0/1 192.168.1.1"}));
    EXPECT_EQ(routes({25, 10, 1, 2, 0xff, 192, 168, 1, 1}), (Routes{"10.1.2.128/25 192.168.1.1"}));
}

/// Each with a whole router behind it, and a good route before it.
TEST(ClasslessRoutes, are_not_used_at_all_if_one_has_a_mask_that_cannot_be) {
    const Values good{8, 10, 192, 168, 1, 1};
    const auto after_good = [&](Values more) {
        more.insert(more.begin(), good.begin(), good.end());
        return routes(more);
    };
    EXPECT_EQ(after_good({32, 10, 1, 2, 3, 192, 168, 1, 2}).size(), 2u);
    EXPECT_EQ(after_good({33, 10, 1, 2, 3, 4, 192, 168, 1, 2}), Routes{});
    EXPECT_EQ(after_good({40, 10, 1, 2, 3, 4, 192, 168, 1, 2}), Routes{});
    Values longest(1 + 32 + 4, 1);
    longest[0] = 255;
    EXPECT_EQ(after_good(longest), Routes{});
    EXPECT_EQ(after_good({24, 10, 1}), Routes{}) << "cut off in its destination";
    EXPECT_EQ(after_good({24, 10, 1, 2, 192, 168, 1}), Routes{}) << "cut off in its router";
    EXPECT_EQ(after_good({24}), Routes{});
}

TEST(ClasslessRoutes, are_sixteen_at_most_and_the_first_ones) {
    Values many;
    for (uint8_t i = 1; i <= 17; ++i)
        many.insert(many.end(), {8, i, 192, 168, 1, 1});
    const auto kept = routes(many);
    ASSERT_EQ(kept.size(), 16u);
    EXPECT_EQ(kept.back(), "16.0.0.0/8 192.168.1.1");
}

TEST(LeasedRoutes, are_the_classless_ones_or_the_first_router) {
    Message message = granted();
    EXPECT_TRUE(read_lease(message)->routes().empty());
    message.options.add(option::routers, Values{192, 168, 1, 1, 192, 168, 1, 2});
    EXPECT_EQ(read_lease(message)->routes(),
              (std::vector{Route::default_via(IpAddress::v4(192, 168, 1, 1))}));
    EXPECT_EQ(read_lease(message)->routes_option(), option::routers);
    message.options.add(option::classless_routes, Values{8, 10, 192, 168, 1, 3});
    const auto both = read_lease(message)->routes();
    ASSERT_EQ(both.size(), 1u);
    EXPECT_EQ(both[0].destination.to_string(), "10.0.0.0/8") << "RFC 3442: no default then";
    EXPECT_EQ(read_lease(message)->routes_option(), option::classless_routes);
}

TEST(LeasedRoutes, are_those_of_old_windows_servers_where_there_are_no_others) {
    Message message = granted();
    message.options.add(option::routers, Values{192, 168, 1, 1});
    message.options.add(option::microsoft_routes, Values{8, 10, 192, 168, 1, 3});
    const auto lease = read_lease(message);
    ASSERT_EQ(lease->routes().size(), 1u);
    EXPECT_EQ(lease->routes()[0].destination.to_string(), "10.0.0.0/8");
    EXPECT_EQ(lease->routes_option(), option::microsoft_routes);
    message.options.add(option::classless_routes, Values{8, 11, 192, 168, 1, 3});
    const auto both = read_lease(message);
    ASSERT_EQ(both->routes().size(), 1u);
    EXPECT_EQ(both->routes()[0].destination.to_string(), "11.0.0.0/8");
    EXPECT_EQ(both->routes_option(), option::classless_routes);
}

TEST(LeasedAddress, is_one_that_a_host_can_have) {
    const auto is_one = [](uint8_t first) {
        return read_lease(granted(IpAddress::v4(first, 0, 0, 1))).has_value();
    };
    for (const uint8_t first : {1, 126, 128, 223})
        EXPECT_TRUE(is_one(first)) << int{first};
    for (const uint8_t first : {0, 127, 224, 255})
        EXPECT_FALSE(is_one(first)) << int{first};
}

TEST(LeasedAddress, is_in_the_subnet_of_its_class_if_the_mask_is_none) {
    EXPECT_EQ(with(option::subnet_mask, {255, 255, 255, 255}).address.length, 32);
    EXPECT_EQ(with(option::subnet_mask, {128, 0, 0, 0}).address.length, 1);
    EXPECT_EQ(with(option::subnet_mask, {0, 0, 0, 0}).address.length, 24);
    EXPECT_EQ(with(option::subnet_mask, {255, 255, 255}).address.length, 24);
    EXPECT_EQ(read_lease(granted(IpAddress::v4(10, 0, 0, 1)))->address.length, 8);
    EXPECT_EQ(read_lease(granted(IpAddress::v4(172, 16, 0, 1)))->address.length, 16);
}

TEST(TftpServer, is_the_one_that_a_pis_firmware_would_ask) {
    Message message = granted();
    const auto server = [&] { return read_lease(message)->tftp_server; };
    EXPECT_EQ(server(), "") << "nobody is named";
    message.options.add_address(option::server_id, IpAddress::v4(192, 168, 1, 1));
    EXPECT_EQ(server(), "192.168.1.1");
    message.options.add_text(option::tftp_server_name, "nas.lan");
    EXPECT_EQ(server(), "nas.lan");
    message.options.add(option::tftp_servers, Values{192, 168, 1, 2, 192, 168, 1, 3});
    EXPECT_EQ(server(), "192.168.1.2");
    message.next_server = IpAddress::v4(192, 168, 1, 4);
    EXPECT_EQ(server(), "192.168.1.4");
}

TEST(LeasedMtu, is_used_from_576_on_and_known_from_68_on) {
    const auto mtu = [](uint16_t value) {
        return with(option::mtu, {uint8_t(value >> 8), uint8_t(value & 0xff)});
    };
    EXPECT_FALSE(mtu(67).mtu);
    EXPECT_EQ(mtu(68).mtu, 68);
    EXPECT_FALSE(mtu(575).usable_mtu());
    EXPECT_EQ(mtu(576).usable_mtu(), 576);
    EXPECT_FALSE(with(option::mtu, {5}).mtu) << "half a number";
}

TEST(LeaseTimes, are_ten_seconds_at_least) {
    EXPECT_EQ(with(option::lease_time, {0, 0, 0, 0}).duration, seconds(10));
    EXPECT_EQ(with(option::lease_time, {0, 0, 0, 10}).duration, seconds(10));
    EXPECT_EQ(with(option::lease_time, {0, 0, 0, 11}).duration, seconds(11));
    EXPECT_EQ(with(option::lease_time, {255, 255, 255, 255}).duration, forever);
}

TEST(LeaseTimes, are_the_servers_if_each_comes_after_the_one_before) {
    const auto times = [](uint8_t renewal, uint8_t rebinding) {
        Message message = granted();
        message.options.add(option::lease_time, Values{0, 0, 0, 80});
        message.options.add(option::renewal_time, Values{0, 0, 0, renewal});
        message.options.add(option::rebinding_time, Values{0, 0, 0, rebinding});
        const auto lease = read_lease(message);
        return std::pair(lease->renewal.count(), lease->rebinding.count());
    };
    EXPECT_EQ(times(1, 2), std::pair(1L, 2L));
    EXPECT_EQ(times(78, 79), std::pair(78L, 79L));
    const std::pair usual(40L, 70L);
    EXPECT_EQ(times(0, 60), usual);
    EXPECT_EQ(times(60, 60), usual);
    EXPECT_EQ(times(50, 80), usual);
}

}  // namespace
}  // namespace bootwire::dhcp
