#include "keeper/lease_keeper.h"

#include <gtest/gtest.h>

#include "os/clock.h"
#include "os/log.h"
#include "wire.h"

namespace bootwire::keeper {
namespace {

using namespace std::chrono_literals;

/// Keeps an address of the loopback interface, in a network namespace of its own.
class KeptAddressTest : public net::Namespace {
  protected:
    void SetUp() override {
        Namespace::SetUp();
        if (IsSkipped()) return;
        links_.emplace(*net::Links::open());
        ASSERT_TRUE(links_->set_up(links_->list()->front()));
        lo_ = links_->list()->front();
        ASSERT_TRUE(uplink::apply(*links_, lo_, {kept_address, {kept_route}}));
        KeptAddress kept;
        kept.link = lo_;
        kept.addressed = {kept_address, {kept_route}};
        auto monitor = net::LinkMonitor::open(net::LinkMonitor::Scope::addresses_too);
        ASSERT_TRUE(monitor);
        keeper_.emplace(loop_, *net::Links::open(), std::move(*monitor), std::move(kept),
                        LeaseKeeper::Handlers{[this] { ++back_; }, [] {}, [](const auto&) {}});
        ASSERT_TRUE(keeper_->keep());
    }

    /// Lets the keeper work until it has put things right, or the moment when it should have.
    void run_until_back() {
        const Moment late = now() + 20s;
        while (back_ == 0 && now() < late)
            loop_.run_once(late);
        EXPECT_EQ(back_, 1);
    }

    bool address_is_there() { return links_->remove_address(lo_, kept_address).has_value(); }
    bool route_is_there() { return links_->remove_route(lo_, kept_route).has_value(); }

    const IpPrefix kept_address = *IpPrefix::parse("10.9.8.7/24");
    const Route kept_route{*IpPrefix::parse("10.1.0.0/16"), IpAddress{}};
    EventLoop loop_;
    std::optional<net::Links> links_;
    net::Link lo_;
    std::optional<LeaseKeeper> keeper_;
    int back_ = 0;
};

TEST_F(KeptAddressTest, is_put_back_with_its_routes) {
    ASSERT_TRUE(links_->flush(lo_));
    ASSERT_FALSE(route_is_there()) << "the kernel takes them with the last address";
    run_until_back();
    EXPECT_TRUE(route_is_there());
    EXPECT_TRUE(address_is_there());
}

TEST_F(KeptAddressTest, gets_a_single_route_back) {
    ASSERT_TRUE(links_->remove_route(lo_, kept_route));
    run_until_back();
    EXPECT_TRUE(route_is_there());
}

/// The kernel has no IPv4 on an interface whose packets are too small for it.
TEST_F(KeptAddressTest, is_tried_to_be_put_back_until_it_can_be) {
    size_t complaints = 0;
    log::copy_to(
        [&](const log::Line& line) { complaints += line.text.contains("cannot set") ? 1 : 0; });
    ASSERT_TRUE(links_->set_mtu(lo_, 60));
    for (const Moment late = now() + 20s; complaints == 0 && now() < late;)
        loop_.run_once(now() + 20ms);
    ASSERT_TRUE(links_->set_mtu(lo_, 1500));
    EXPECT_EQ(back_, 0);
    run_until_back();
    log::copy_to({});
    EXPECT_EQ(complaints, 1u);
    EXPECT_TRUE(route_is_there());
    EXPECT_TRUE(address_is_there());
}

TEST_F(KeptAddressTest, is_not_concerned_with_what_else_goes_on_there) {
    const IpPrefix other = *IpPrefix::parse("10.7.0.1/24");
    const Route another{*IpPrefix::parse("10.6.0.0/16"), IpAddress{}};
    ASSERT_TRUE(uplink::apply(*links_, lo_, {other, {another}}));
    ASSERT_TRUE(links_->remove_route(lo_, another));
    ASSERT_TRUE(links_->remove_address(lo_, other));
    loop_.run_once(now() + 500ms);
    loop_.run_once(now() + 500ms);
    EXPECT_EQ(back_, 0);
}

}  // namespace
}  // namespace bootwire::keeper
