#include "session/lease_keeper.h"

#include <algorithm>

#include "base/log.h"

namespace bootwire::session {

namespace {

using namespace std::chrono_literals;

// Whoever takes an address away may be about to set it anew, and much goes in one stroke.
constexpr Milliseconds kRestoreAfter = 200ms;
// A program that insists is not fought at full speed.
constexpr Milliseconds kRestoreAgainAfter = 5s;

}  // namespace

LeaseKeeper::LeaseKeeper(EventLoop& loop, net::Links links, net::LinkMonitor monitor,
                         KeptAddress kept, Handlers handlers)
    : loop_(loop),
      links_(std::move(links)),
      monitor_(std::move(monitor)),
      network_(std::move(kept.network)),
      addressed_{network_.address, std::move(kept.routes)},
      host_name_(std::move(kept.host_name)),
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
    if (restore_timer_) loop_.cancel(*restore_timer_);
    loop_.cancel(look_timer_);
    restore_timer_.reset();
    dhcp_.reset();
}

Status LeaseKeeper::keep() {
    if (!network_.lease) return {};
    const dhcp::Lease lease = *network_.lease;
    dhcp::ClientSettings settings;
    settings.identity.mac = network_.link.mac;
    settings.identity.host_name = host_name_;
    settings.root_path = dhcp::RootPath::ignored;
    settings.wish = lease.address.address;
    auto opened = net::DhcpInterface::open(
        loop_, network_.link, std::move(settings),
        {.bound = [this](const dhcp::Lease& renewed, bool) { on_bound(renewed); },
         // The address stays until another one is there: a root disk that is still reached with
         // it is worth more than a rule.
         .lost = [](const std::string& reason) { log::warning("the lease is lost: " + reason); }});
    if (!opened) return std::unexpected(opened.error());
    dhcp_ = std::move(*opened);
    dhcp_->resume(lease);
    return {};
}

void LeaseKeeper::on_bound(const dhcp::Lease& renewed) {
    const net::Addressed before = addressed_;
    addressed_ = {renewed.address, net::routes_of(renewed)};
    network_.address = renewed.address;
    network_.lease = renewed;
    const auto applied = net::apply_lease(links_, network_.link, renewed, before);
    if (!applied) log::warning(applied.error().to_string());
    // What was removed by this was ours to remove. Links are looked at later: the DHCP client,
    // which wants to know of them, is at work here.
    if (monitor_.changed()) look_timer_ = loop_.at(now(), [this] { look_at_links(); });
    handlers_.leased(renewed);
    if (renewed.address == before.address) return;
    log::warning("the address changes from " + before.address.to_string() + " to " +
                 renewed.address.to_string());
    handlers_.address_changed();
}

/// That the interface is up is no news, then.
void LeaseKeeper::note_up() {
    network_.link.is_up = true;
    if (network_.below) network_.below->is_up = true;
}

void LeaseKeeper::look_at_links() {
    const auto links = links_.list();
    if (!links) return;
    for (const net::Link& link : *links) {
        if (network_.below && link.index == network_.below->index) look_at(*network_.below, link);
        if (link.index == network_.link.index) look_at(network_.link, link);
    }
}

void LeaseKeeper::look_at(net::Link& ours, const net::Link& now) {
    const net::Link before = ours;
    ours = now;
    // The kernel drops the routes of an interface that is set down, and tells nobody of each.
    if (!now.is_up || !before.is_up) {
        missing_ = "the interface " + now.name;
        restore_soon();
    }
    if (now.has_carrier == before.has_carrier || &ours != &network_.link) return;
    log::info(now.name + (now.has_carrier ? ": link is up" : ": link is down"));
    if (dhcp_) dhcp_->on_link(now.has_carrier);
    if (now.has_carrier) handlers_.network_back();
}

void LeaseKeeper::on_removed(const net::Removal& removal) {
    if (removal.link == 0) return restore_soon();
    if (removal.link != network_.link.index) return;
    const auto is_it = [&](const Route& route) { return route.destination == removal.what; };
    const bool ours = removal.is_route ? std::ranges::any_of(addressed_.routes, is_it)
                                       : removal.what == addressed_.address;
    if (!ours) return;
    missing_ = (removal.is_route ? "the route to " : "the address ") + removal.what.to_string();
    restore_soon();
}

void LeaseKeeper::restore_soon() {
    if (restore_timer_) return;
    const Moment earliest = restored_at_ ? *restored_at_ + kRestoreAgainAfter : Moment{0};
    restore_timer_ = loop_.at(std::max(now() + kRestoreAfter, earliest), [this] {
        restore_timer_.reset();
        restore();
    });
}

void LeaseKeeper::restore() {
    restored_at_ = now();
    if (network_.below) (void)links_.set_up(*network_.below);
    Status done = links_.set_up(network_.link);
    note_up();
    if (done) done = net::apply(links_, network_.link, addressed_);
    if (!done) {
        if (trouble_ != done.error().what) log::warning(done.error().what);
        trouble_ = done.error().what;
        return restore_soon();
    }
    trouble_.clear();
    if (!missing_.empty()) {
        log::warning(missing_ + " was taken away; it is back, since the root disk is beyond it");
    }
    missing_.clear();
    handlers_.network_back();
}

}  // namespace bootwire::session
