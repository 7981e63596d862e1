// The keeper's lease on an interface that comes and goes, with a DHCP server at the other end.
#include "keeper/lease_keeper.h"
#include "os/clock.h"
#include "wire.h"

namespace bootwire::keeper {
namespace {

using namespace std::chrono_literals;
using dhcp::leased;
using dhcp::MessageType;
using dhcp::reply;
using dhcp::server_one;
using dhcp::server_two;

const IpAddress other_address = IpAddress::v4(10, 0, 0, 60);
const IpAddress third_address = IpAddress::v4(10, 0, 0, 70);

class KeptLeaseTest : public net::Namespace {
  protected:
    void SetUp() override {
        Namespace::SetUp();
        if (IsSkipped()) return;
        wire_.make();
        ASSERT_TRUE(net::Links::open()->set_up(wire_.link()));
    }

    static dhcp::Lease lease() {
        auto lease = *dhcp::read_lease(reply({}, MessageType::ack));
        lease.since = now();
        lease.mtu = 1400;
        lease.classless_routes = {{*IpPrefix::parse("10.1.0.0/16"), server_one}};
        return lease;
    }

    static net::LinkMonitor monitor() {
        return *net::LinkMonitor::open(net::LinkMonitor::Scope::addresses_too);
    }

    /// As init left it.
    void keep(net::LinkMonitor monitor, std::optional<uint16_t> vlan = std::nullopt) {
        auto links = net::Links::open();
        KeptAddress kept;
        kept.link = wire_.link();
        if (vlan) {
            kept.below = kept.link;
            kept.vlan = vlan;
            kept.link = *links->add_vlan(kept.link, *vlan);
            ASSERT_TRUE(links->set_up(kept.link));
            kept.link = *find_link(kept.link.name);
        }
        kept.link.is_virtual = false;  // the keeper does not see sysfs, as init did
        kept.lease = lease();
        kept.addressed = uplink::addressed_by(*kept.lease);
        ASSERT_TRUE(uplink::apply_lease(*links, kept.link, *kept.lease));
        before_keeper();
        keeper_.emplace(
            loop_, std::move(*links), std::move(monitor), std::move(kept),
            LeaseKeeper::Handlers{[this] { ++back_; }, [this] { ++changed_; }, [](const auto&) {}});
        ASSERT_TRUE(keeper_->keep());
    }

    /// Lets the keeper work until that is so, or should have been.
    template <class Condition>
    bool becomes(Condition condition) {
        const Moment late = now() + 20s;
        while (!condition() && now() < late)
            loop_.run_once(now() + 20ms);
        return condition();
    }
    void run_for(Milliseconds duration) {
        for (const Moment end = now() + duration; now() < end;)
            loop_.run_once(std::min(end, now() + 20ms));
    }

    /// The next message of this type that the keeper sends.
    dhcp::Message next(MessageType type) {
        std::optional<dhcp::Message> found;
        EXPECT_TRUE(becomes([&] {
            for (const dhcp::Message& message : wire_.received())
                if (message.type == type) found = message;
            return found.has_value();
        }));
        return found.value_or(dhcp::Message{});
    }

    void give(const dhcp::Message& to, MessageType type, const IpAddress& address) {
        dhcp::Message message = reply(to, type);
        message.your_address = address;
        wire_.send(message);
    }

    bool has_route() {
        return net::Links::open()
            ->remove_route(keeper_->link(), lease().classless_routes[0])
            .has_value();
    }

    void cable_out_and_in() {
        wire_.plug(false);
        wire_.plug(true);
    }

    EventLoop loop_;
    Wire wire_;
    std::function<void()> before_keeper = [] {};
    std::optional<LeaseKeeper> keeper_;
    int back_ = 0;
    int changed_ = 0;
};

TEST_F(KeptLeaseTest, moves_to_the_interface_that_the_hardware_has_anew) {
    keep(monitor());
    const int before = wire_.link().index;
    wire_.remove();
    ASSERT_TRUE(becomes([&] { return !keeper_->link().has_carrier; }));
    ASSERT_FALSE(is_ours(leased));
    wire_.make();
    ASSERT_TRUE(becomes([&] { return back_ > 0 && is_ours(leased); }));
    EXPECT_NE(wire_.link().index, before);
    EXPECT_EQ(keeper_->links().front().index, wire_.link().index) << "what is taken down at last";
    EXPECT_EQ(mtu_of("near"), 1400);
    EXPECT_TRUE(has_route());
    const dhcp::Message request = next(MessageType::request);
    EXPECT_EQ(request.options.address(dhcp::option::requested_address), leased);
    give(request, MessageType::ack, leased);
    run_for(100ms);
    EXPECT_EQ(changed_, 0);
    EXPECT_TRUE(keeper_->link().has_carrier);
}

TEST_F(KeptLeaseTest, tells_the_server_the_systems_name_long_before_the_lease_is_due) {
    keep(monitor());
    wire_.introduce(server_one);
    keeper_->tell_host_name("pi4");
    const dhcp::Message request = next(MessageType::request);
    EXPECT_EQ(request.client_address, leased);
    EXPECT_EQ(request.options.text(dhcp::option::host_name), "pi4");
    give(request, MessageType::ack, leased);
    wire_.remove();
    ASSERT_TRUE(becomes([&] { return !keeper_->link().has_carrier; }));
    wire_.make();
    EXPECT_EQ(next(MessageType::request).options.text(dhcp::option::host_name), "pi4")
        << "on the next interface, too";
}

TEST_F(KeptLeaseTest, moves_even_if_nobody_looked_while_the_interface_was_away) {
    keep(monitor());
    wire_.remove();
    wire_.make();
    EXPECT_TRUE(becomes([&] { return back_ > 0 && is_ours(leased); }));
    next(MessageType::request);
}

TEST_F(KeptLeaseTest, makes_the_vlan_again_that_went_with_the_interface) {
    if (!net::Links::open()->add_vlan(wire_.link(), 9)) GTEST_SKIP() << "no VLANs here";
    keep(monitor(), 5);
    wire_.remove();
    ASSERT_TRUE(becomes([&] { return !find_link("near.5"); }));
    wire_.make();
    EXPECT_TRUE(becomes([&] { return back_ > 0 && is_ours(leased); }));
    ASSERT_TRUE(find_link("near.5"));
    const auto links = keeper_->links();
    ASSERT_EQ(links.size(), 2u);
    EXPECT_EQ(links[0].index, find_link("near.5")->index);
    EXPECT_EQ(links[1].index, wire_.link().index);
    EXPECT_TRUE(has_route());
}

TEST_F(KeptLeaseTest, makes_a_vlan_again_that_somebody_removes) {
    if (!net::Links::open()->add_vlan(wire_.link(), 9)) GTEST_SKIP() << "no VLANs here";
    keep(monitor(), 5);
    ifinfomsg info{};
    info.ifi_index = find_link("near.5")->index;
    net::NetlinkRequest request(RTM_DELLINK, 0);
    ASSERT_TRUE(net::NetlinkSocket::open()->perform(request.header(info), "remove the VLAN"));
    EXPECT_TRUE(becomes([&] { return back_ > 0 && is_ours(leased); }));
}

TEST_F(KeptLeaseTest, is_not_kept_where_there_is_no_interface_to_ask_for_it) {
    KeptAddress kept;
    kept.link = wire_.link();
    kept.lease = lease();
    kept.addressed = uplink::addressed_by(*kept.lease);
    wire_.remove();
    LeaseKeeper keeper(loop_, *net::Links::open(), monitor(), std::move(kept),
                       LeaseKeeper::Handlers{[] {}, [] {}, [](const auto&) {}});
    EXPECT_FALSE(keeper.keep());
}

TEST_F(KeptLeaseTest, leaves_the_interface_of_other_hardware_alone) {
    keep(monitor());
    wire_.remove();
    wire_.make(dhcp::other_mac);
    run_for(1s);
    EXPECT_FALSE(is_ours(leased));
    EXPECT_EQ(back_, 0);
}

TEST_F(KeptLeaseTest, asks_whether_it_holds_after_a_loss_of_the_carrier_that_nobody_saw) {
    keep(monitor());
    run_for(100ms);
    ASSERT_EQ(back_, 0);
    cable_out_and_in();
    const dhcp::Message request = next(MessageType::request);
    EXPECT_EQ(request.options.address(dhcp::option::requested_address), leased);
    EXPECT_EQ(back_, 1);
}

TEST_F(KeptLeaseTest,
       asks_whether_it_holds_after_a_loss_of_the_carrier_before_the_keeper_was_there) {
    before_keeper = [this] { cable_out_and_in(); };
    keep(monitor());
    next(MessageType::request);
    EXPECT_EQ(back_, 1);
}

TEST_F(KeptLeaseTest, leaves_the_address_in_place_when_the_server_refuses_it) {
    keep(monitor());
    cable_out_and_in();
    wire_.send(reply(next(MessageType::request), MessageType::nak));
    ASSERT_TRUE(becomes([&] { return !keeper_->lost().empty(); }));
    EXPECT_TRUE(is_ours(leased)) << "the disk is reached with it";
    give(next(MessageType::discover), MessageType::offer, other_address);
    give(next(MessageType::request), MessageType::ack, other_address);
    EXPECT_TRUE(becomes([&] { return changed_ == 1; }));
    EXPECT_TRUE(is_ours(other_address));
    EXPECT_FALSE(is_ours(leased));
    EXPECT_EQ(keeper_->lost(), "");
}

TEST_F(KeptLeaseTest, gives_an_address_back_that_another_host_has_and_takes_the_next_one) {
    keep(monitor());
    cable_out_and_in();
    give(next(MessageType::request), MessageType::ack, other_address);
    ASSERT_TRUE(becomes([&] { return is_ours(other_address); }));
    wire_.claim(other_address);
    next(MessageType::decline);
    ASSERT_TRUE(becomes([&] { return !is_ours(other_address); }));
    EXPECT_NE(keeper_->lost(), "");
    const int back = back_;
    run_for(1s);
    EXPECT_FALSE(is_ours(other_address)) << "it is not put back";
    EXPECT_EQ(back_, back);
    cable_out_and_in();  // instead of waiting for as long as the RFC wants
    give(next(MessageType::discover), MessageType::offer, third_address);
    give(next(MessageType::request), MessageType::ack, third_address);
    EXPECT_TRUE(becomes([&] { return is_ours(third_address) && changed_ == 2; }));
}

/// Linux answers on each interface for every address of the machine: where two of them are on one
/// LAN, the question about the address that is kept is answered by the other one.
TEST_F(KeptLeaseTest, takes_no_answer_of_this_machines_second_interface_for_another_hosts) {
    keep(monitor());
    wire_.make_second(dhcp::other_mac);
    run_for(100ms);
    cable_out_and_in();
    wire_.send(reply(next(MessageType::request), MessageType::nak));
    give(next(MessageType::discover), MessageType::offer, leased);
    const dhcp::Message request = next(MessageType::request);
    wire_.claim(leased);
    run_for(100ms);
    give(request, MessageType::ack, leased);
    EXPECT_TRUE(becomes([&] { return keeper_->lost().empty(); }));
    EXPECT_TRUE(is_ours(leased));
    EXPECT_FALSE(keeper_->gave_back());
}

TEST_F(KeptLeaseTest, knows_a_second_interface_that_was_there_before_it) {
    before_keeper = [this] {
        wire_.make_second(dhcp::other_mac);
        cable_out_and_in();
    };
    keep(monitor());
    give(next(MessageType::request), MessageType::ack, other_address);
    ASSERT_TRUE(becomes([&] { return is_ours(other_address); }));
    wire_.claim(other_address);
    run_for(500ms);
    EXPECT_TRUE(is_ours(other_address));
}

TEST_F(KeptLeaseTest, tries_again_if_what_was_granted_could_not_be_set) {
    net::LinkMonitor deaf = monitor();  // hears nothing of another namespace
    ASSERT_TRUE(net::enter_network_namespace());
    wire_.make();
    ASSERT_TRUE(net::Links::open()->set_up(wire_.link()));
    before_keeper = [this] { cable_out_and_in(); };
    keep(std::move(deaf));
    give(next(MessageType::request), MessageType::ack, other_address);
    wire_.remove();
    becomes([&] { return keeper_->lease()->address.address == other_address; });
    ASSERT_FALSE(is_ours(other_address));
    wire_.make();
    EXPECT_TRUE(becomes([&] { return is_ours(other_address); }));
}

}  // namespace
}  // namespace bootwire::keeper
