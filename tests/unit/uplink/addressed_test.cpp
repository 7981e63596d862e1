#include "uplink/addressed.h"

#include <gtest/gtest.h>

#include "namespace.h"
#include "net/links.h"

namespace bootwire::uplink {
namespace {

using Namespace = net::Namespace;

dhcp::Lease lease_of(const char* address, std::vector<Route> routes) {
    dhcp::Lease lease;
    lease.address = *IpPrefix::parse(address);
    lease.classless_routes = std::move(routes);
    return lease;
}

TEST_F(Namespace, a_lease_with_another_address_of_the_same_subnet_replaces_all_of_the_old_one) {
    auto links = net::Links::open();
    ASSERT_TRUE(links);
    const net::Link lo = links->list()->front();
    ASSERT_TRUE(links->set_up(lo));
    const Route stays{*IpPrefix::parse("10.1.0.0/16"), IpAddress{}};
    const Route goes{*IpPrefix::parse("10.2.0.0/16"), IpAddress{}};
    const dhcp::Lease before = lease_of("10.9.8.7/24", {stays, goes});
    ASSERT_TRUE(apply_lease(*links, lo, before));
    const dhcp::Lease after = lease_of("10.9.8.6/24", {stays});
    ASSERT_TRUE(apply_lease(*links, lo, after, addressed_by(before)));
    EXPECT_FALSE(links->remove_address(lo, before.address)) << "it is gone";
    EXPECT_FALSE(links->remove_route(lo, goes)) << "it is gone";
    EXPECT_TRUE(links->remove_route(lo, stays));
    EXPECT_TRUE(links->remove_address(lo, after.address)) << "it did not go with the old one";
}

TEST_F(Namespace, a_route_that_the_kernel_refuses_is_an_error_only_where_it_is_needed) {
    auto links = net::Links::open();
    ASSERT_TRUE(links);
    const net::Link lo = links->list()->front();
    ASSERT_TRUE(links->set_up(lo));
    const Addressed own_gateway{*IpPrefix::parse("10.9.8.7/24"),
                                {Route::default_via(IpAddress::v4(10, 9, 8, 7))}};
    EXPECT_TRUE(apply(*links, lo, own_gateway));
    EXPECT_FALSE(apply(*links, lo, own_gateway, Routes::needed));
}

}  // namespace
}  // namespace bootwire::uplink
