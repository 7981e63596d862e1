#include "keeper/lease_keeper.h"

#include <algorithm>
#include <utility>

#include "os/clock.h"
#include "os/log.h"

namespace bootwire::keeper {

namespace {

using namespace std::chrono_literals;

// Whoever takes an address away may be about to set it anew, and much goes in one stroke.
constexpr Milliseconds restore_after = 200ms;
// A program that insists is not fought at full speed.
constexpr Milliseconds restore_again_after = 5s;

/// The same hardware under another index: what has its MAC and is no bridge or VLAN above it. What
/// sysfs knows of links does not count: after the switch to the root disk it is out of sight.
auto is_like(const net::Link& hardware) {
    return [&hardware](const net::Link& link) {
        return link.mac == hardware.mac && link.is_ethernet == hardware.is_ethernet &&
               link.kind == hardware.kind;
    };
}

}  // namespace

LeaseKeeper::LeaseKeeper(EventLoop& loop, net::Links links, net::LinkMonitor monitor,
                         KeptAddress kept, Handlers handlers)
    : loop_(loop),
      links_(std::move(links)),
      monitor_(std::move(monitor)),
      kept_(std::move(kept)),
      hardware_(hardware()),
      handlers_(std::move(handlers)) {
    note_up();
    loop_.watch(monitor_.fd(), [this] {
        if (monitor_.changed([this](const net::Removal& removal) { on_removed(removal); })) {
            look_at_links();
        }
    });
}

LeaseKeeper::~LeaseKeeper() {
    let_go();
}

void LeaseKeeper::let_go() {
    loop_.unwatch(monitor_.fd());
    forget_restore();
    loop_.cancel(look_timer_);
    dhcp_.reset();
}

std::vector<net::Link> LeaseKeeper::links() const {
    std::vector<net::Link> links = {kept_.link};
    if (kept_.below) links.push_back(*kept_.below);
    return links;
}

Status LeaseKeeper::keep() {
    if (auto opened = open_dhcp(); !opened) return opened;
    look_at_links();  // what happened since init's last look is news to nobody else
    return {};
}

Status LeaseKeeper::open_dhcp() {
    if (!kept_.lease) return {};
    const dhcp::Lease lease = *kept_.lease;
    dhcp::ClientSettings settings;
    settings.identity.mac = kept_.link.mac;
    settings.identity.host_name = kept_.host_name;
    settings.root_path = dhcp::RootPathPolicy::ignored;
    settings.wish = lease.address.address;
    auto opened = uplink::DhcpInterface::open(
        loop_, kept_.link, std::move(settings),
        {.bound = [this](const dhcp::Lease& renewed, bool) { on_bound(renewed); },
         .lost = [this](const dhcp::Lost& lost) { on_lost(lost); }});
    if (!opened) return std::unexpected(opened.error());
    dhcp_ = std::move(*opened);
    if (const auto links = links_.list()) dhcp_->on_interfaces(*links);
    lost_.empty() ? dhcp_->resume(lease) : dhcp_->start();
    return {};
}

void LeaseKeeper::tell_host_name(const std::string& name) {
    kept_.host_name = name;
    if (!dhcp_) return;
    log::info("the DHCP server is told that the system's name is " + name);
    dhcp_->tell_host_name(name);
}

void LeaseKeeper::on_bound(const dhcp::Lease& renewed) {
    const uplink::Addressed before = std::exchange(kept_.addressed, uplink::addressed_by(renewed));
    const bool was_given_back = std::exchange(given_back_, false);
    lost_.clear();
    kept_.lease = renewed;
    const auto applied = uplink::apply_lease(links_, kept_.link, renewed, before);
    if (!applied) {
        log::warning(applied.error().to_string());
        restore_soon();
    }
    // What was removed by this was ours to remove. Links are looked at later: the DHCP client,
    // which wants to know of them, is at work here.
    if (monitor_.changed()) look_timer_ = loop_.at(now(), [this] { look_at_links(); });
    handlers_.leased(renewed);
    if (renewed.address != before.address) {
        log::warning("the address changes from " + before.address.to_string() + " to " +
                     renewed.address.to_string());
        handlers_.address_changed();
    } else if (was_given_back) {
        handlers_.network_back();
    }
}

/// The address of a lease that has ended or was refused stays until another one is there: nobody
/// else is known to have it, and a root disk that is still reached with it is worth more than a
/// rule. One that another host has goes at once (RFC 5227 section 2.4): whatever the disk sends
/// might reach that host, and the connections of that host might break. As at boot, then, the disk
/// waits for a new lease.
void LeaseKeeper::on_lost(const dhcp::Lost& lost) {
    lost_ = lost.reason;
    const std::string address = kept_.addressed.address.to_string();
    if (lost.taken != kept_.addressed.address.address) {
        log::warning("the lease is lost: " + lost.reason + "; " + address +
                     " is kept until there is another one, since the root disk is reached with it");
        return;
    }
    given_back_ = true;
    log::warning("the lease is lost: " + lost.reason + "; " + address +
                 " is given back, and the root disk waits until there is another one");
    const auto removed = links_.remove_address(kept_.link, kept_.addressed.address);
    if (!removed) log::warning(removed.error().to_string());
}

/// That the interface is up is no news, then.
void LeaseKeeper::note_up() {
    kept_.link.is_up = true;
    if (kept_.below) kept_.below->is_up = true;
}

void LeaseKeeper::look_at_links() {
    const auto links = links_.list();
    if (!links) return;
    if (dhcp_) dhcp_->on_interfaces(*links);
    const auto by_index = [&](int index) {
        return std::ranges::find(*links, index, &net::Link::index);
    };
    auto bottom = by_index(hardware().index);
    const bool is_anew = bottom == links->end();
    if (is_anew) bottom = std::ranges::find_if(*links, is_like(hardware_));
    if (bottom == links->end()) return miss();
    const auto top = kept_.below ? by_index(kept_.link.index) : bottom;
    if (is_anew || !is_there_ || top == links->end()) return take_over(*bottom);
    if (kept_.below) look_at(*kept_.below, *bottom);
    look_at(kept_.link, *top);
}

/// Nothing can be done but wait until the kernel tells of it again.
void LeaseKeeper::miss() {
    if (!std::exchange(is_there_, false)) return;
    log::warning("the interface " + hardware().name + " is gone; the root disk waits for it");
    kept_.link.has_carrier = false;
    dhcp_.reset();
    forget_restore();
}

/// A USB device that was reset, or a driver bound again, makes a new interface of the same
/// hardware, which has nothing of the old one.
void LeaseKeeper::take_over(const net::Link& found) {
    is_there_ = false;
    forget_restore();
    dhcp_.reset();
    if (const Status taken = take(found); !taken) {
        complain(taken.error());
        return restore_soon();
    }
    log::warning("the interface " + kept_.link.name + " is there anew; it gets its address back");
    is_there_ = true;
    restored_at_.reset();
    restore_soon();
    if (dhcp_) dhcp_->on_link(kept_.link.has_carrier);
}

Status LeaseKeeper::take(const net::Link& found) {
    const auto link = kept_.below ? links_.add_vlan(found, *kept_.vlan) : found;
    if (!link) return std::unexpected(link.error());
    hardware() = found;
    kept_.link = *link;
    return open_dhcp();
}

void LeaseKeeper::look_at(net::Link& ours, const net::Link& now) {
    const net::Link before = ours;
    ours = now;
    // The kernel drops the routes of an interface that is set down, and tells nobody of each.
    if (!now.is_up || !before.is_up) {
        missing_ = "the interface " + now.name;
        restore_soon();
    }
    if (!net::carrier_changed(before, now) || &ours != &kept_.link) return;
    log::info(now.name + (now.has_carrier ? ": link is up" : ": link is down"));
    if (dhcp_) dhcp_->on_link(now.has_carrier);
    if (now.has_carrier) handlers_.network_back();
}

void LeaseKeeper::on_removed(const net::Removal& removal) {
    if (removal.link == 0) return restore_soon();
    if (removal.link != kept_.link.index || given_back_) return;
    const auto is_it = [&](const Route& route) { return route.destination == removal.what; };
    const bool ours = removal.is_route ? std::ranges::any_of(kept_.addressed.routes, is_it)
                                       : removal.what == kept_.addressed.address;
    if (!ours) return;
    missing_ = (removal.is_route ? "the route to " : "the address ") + removal.what.to_string();
    restore_soon();
}

void LeaseKeeper::restore_soon() {
    if (restore_timer_) return;
    const Moment earliest = restored_at_ ? *restored_at_ + restore_again_after : Moment{0};
    restore_timer_ = loop_.at(std::max(now() + restore_after, earliest), [this] {
        restore_timer_.reset();
        restore();
    });
}

void LeaseKeeper::forget_restore() {
    if (restore_timer_) loop_.cancel(*restore_timer_);
    restore_timer_.reset();
    missing_.clear();
}

void LeaseKeeper::restore() {
    restored_at_ = now();
    if (!is_there_) return look_at_links();
    if (const Status done = put_back(); !done) {
        complain(done.error());
        look_at_links();
        if (is_there_) restore_soon();
        return;
    }
    trouble_.clear();
    if (!missing_.empty()) {
        log::warning(missing_ + " was taken away; it is back, since the root disk is beyond it");
    }
    missing_.clear();
    if (!given_back_) handlers_.network_back();
}

void LeaseKeeper::complain(const Error& error) {
    if (trouble_ != error.what) log::warning(error.what);
    trouble_ = error.what;
}

Status LeaseKeeper::put_back() {
    if (kept_.below) (void)links_.set_up(*kept_.below);
    const Status up = links_.set_up(kept_.link);
    note_up();
    return up && !given_back_ ? uplink::apply(links_, kept_.link, kept_.addressed) : up;
}

}  // namespace bootwire::keeper
