#include "uplink/uplink.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "os/clock.h"
#include "os/log.h"
#include "topics/topic.h"

namespace bootwire::uplink {

namespace {

using namespace std::chrono_literals;

constexpr Milliseconds first_report = 5s;
constexpr Milliseconds report_every = 15s;

bool is_candidate(const net::Link& link, const UplinkSettings& settings) {
    if (!settings.device.empty()) return link.name == settings.device;
    return link.is_ethernet && !link.is_wireless && !link.is_virtual;
}

/// To what is known of the link now, if it is still there.
void update(net::Link& link, const std::vector<net::Link>& links) {
    const auto found = std::ranges::find(links, link.index, &net::Link::index);
    if (found != links.end()) link = *found;
}

/// All wired interfaces at once, until one of them has an address.
class Race : public Uplink {
  public:
    Race(UplinkSettings settings, net::Links links, net::LinkMonitor monitor)
        : settings_(std::move(settings)), links_(std::move(links)), monitor_(std::move(monitor)) {}

    Status run();
    const Network& network() const override { return *won_; }
    Status check() override;

  private:
    struct Entrant {
        net::Link link;                 // the hardware
        std::optional<net::Link> vlan;  // above it
        std::unique_ptr<DhcpInterface> dhcp;
        std::optional<Error> unusable;  // why the static address is not in use

        const net::Link& addressed() const { return vlan ? *vlan : link; }
    };

    void look_at_links();
    Status enter(const net::Link& link);
    void start(Entrant& entrant);
    void start_dhcp(Entrant& entrant);
    void win(const Entrant& entrant, const IpPrefix& address,
             const std::optional<dhcp::Lease>& lease);
    bool is_winner(const Entrant& entrant) const;
    void bound_again(const Entrant& entrant, const dhcp::Lease& lease);
    void report() const;

    UplinkSettings settings_;
    EventLoop loop_;
    net::Links links_;
    net::LinkMonitor monitor_;
    std::map<int, Entrant> entrants_;  // by index of the hardware's interface
    std::optional<Network> won_;
    std::string lost_;  // why the address of won_ is no longer ours
};

Status Race::run() {
    loop_.watch(monitor_.fd(), [this] {
        if (monitor_.changed()) look_at_links();
    });
    look_at_links();
    Moment next_report = now() + first_report;
    while (!won_) {
        loop_.run_once(now() + 1s);
        if (auto goes_on = settings_.go_on(); !goes_on) return goes_on;
        if (!won_ && now() >= next_report) {
            report();
            next_report = now() + report_every;
        }
    }
    loop_.unwatch(monitor_.fd());
    std::erase_if(entrants_, [this](const auto& entry) {
        return entry.second.addressed().index != won_->link.index;
    });
    return {};
}

Status Race::check() {
    loop_.run_once(now());
    if (lost_.empty()) return {};
    return about(Topic::address_lost,
                 fail_for_now("the address " + won_->address.to_string() + " is lost: " + lost_));
}

void Race::look_at_links() {
    const auto links = links_.list();
    if (!links) {
        log::warning(links.error().what);
        return;
    }
    std::erase_if(entrants_, [&](const auto& entry) {
        return std::ranges::find(*links, entry.first, &net::Link::index) == links->end();
    });
    for (const auto& [index, entrant] : entrants_)
        if (entrant.dhcp) entrant.dhcp->on_interfaces(*links);
    for (const net::Link& link : *links) {
        if (!is_candidate(link, settings_)) continue;
        auto known = entrants_.find(link.index);
        if (known == entrants_.end()) {
            if (auto entered = enter(link); !entered) {
                log::warning(entered.error().to_string());
                continue;
            }
            known = entrants_.find(link.index);
        }
        Entrant& entrant = known->second;
        const net::Link before = std::exchange(entrant.link, link);
        if (entrant.vlan) update(*entrant.vlan, *links);
        if (!net::carrier_changed(before, link)) continue;
        log::info(link.name + (link.has_carrier ? ": link is up" : ": link is down"));
        start(entrant);
    }
}

Status Race::enter(const net::Link& link) {
    if (auto up = links_.set_up(link); !up) return up;
    Entrant& entrant = entrants_[link.index];
    entrant.link = link;
    entrant.link.has_carrier = false;  // what it has is news, from an earlier attempt or to come
    if (settings_.vlan) {
        auto vlan = links_.add_vlan(link, *settings_.vlan);
        if (!vlan) return std::unexpected(vlan.error());
        if (auto up = links_.set_up(*vlan); !up) return up;
        entrant.vlan = *vlan;
    }
    log::info(link.name + ": wired interface, MAC " + link.mac.to_string());
    return {};
}

void Race::start(Entrant& entrant) {
    if (entrant.dhcp) {
        entrant.dhcp->on_link(entrant.link.has_carrier);
    } else if (!entrant.link.has_carrier || won_) {
        return;
    } else if (settings_.static_address) {
        const auto applied =
            apply(links_, entrant.addressed(), *settings_.static_address, Routes::needed);
        if (!applied) {
            log::warning(applied.error().to_string());
            entrant.unusable = about(Topic::unusable_setting, applied.error());
            return;
        }
        win(entrant, settings_.static_address->address, std::nullopt);
    } else {
        start_dhcp(entrant);
    }
}

void Race::start_dhcp(Entrant& entrant) {
    dhcp::ClientSettings client;
    client.identity.mac = entrant.addressed().mac;
    client.identity.host_name = settings_.host_name;
    client.root_path = settings_.root_path;
    client.find_flaw = settings_.find_flaw;
    net::Link link = entrant.addressed();
    link.has_carrier = true;
    auto opened = DhcpInterface::open(loop_, link, std::move(client),
                                      {.bound =
                                           [this, &entrant](const dhcp::Lease& lease, bool) {
                                               if (won_) return bound_again(entrant, lease);
                                               const auto applied =
                                                   apply_lease(links_, entrant.addressed(), lease);
                                               if (applied) {
                                                   win(entrant, lease.address, lease);
                                               } else {
                                                   log::warning(applied.error().to_string());
                                               }
                                           },
                                       .lost =
                                           [this, &entrant](const dhcp::Lost& lost) {
                                               if (is_winner(entrant)) lost_ = lost.reason;
                                           }});
    if (!opened) {
        log::warning(opened.error().to_string());
        return;
    }
    entrant.dhcp = std::move(*opened);
    if (const auto links = links_.list()) entrant.dhcp->on_interfaces(*links);
    entrant.dhcp->start();
}

void Race::win(const Entrant& entrant, const IpPrefix& address,
               const std::optional<dhcp::Lease>& lease) {
    Network network{entrant.addressed(), std::nullopt, address, lease};
    network.link.has_carrier = true;
    if (entrant.vlan) network.below = entrant.link;
    won_ = std::move(network);
}

bool Race::is_winner(const Entrant& entrant) const {
    return won_ && won_->link.index == entrant.addressed().index;
}

/// The address that is in use may have been lost for a moment.
void Race::bound_again(const Entrant& entrant, const dhcp::Lease& lease) {
    if (is_winner(entrant) && lease.address == won_->address) lost_.clear();
}

void Race::report() const {
    const auto say = [&](Topic topic, std::string what, std::string hint) {
        const Error waiting{std::move(what), std::move(hint), Remedy::waiting_helps, topic};
        const bool of_dhcp = topic == Topic::no_server_named || topic == Topic::no_dhcp_answer;
        log::info_about(of_dhcp ? log::Subject::dhcp : log::Subject::other, waiting.to_string());
        if (settings_.on_waiting) settings_.on_waiting(waiting);
    };
    if (entrants_.empty()) {
        say(Topic::no_interface,
            settings_.device.empty()
                ? "waiting for a wired network interface"
                : "waiting for the network interface " + printable(settings_.device),
            settings_.device.empty() ? "" : "check the name in ip=");
    }
    for (const auto& [index, entrant] : entrants_) {
        const std::string& name = entrant.addressed().name;
        if (!entrant.link.has_carrier) {
            say(Topic::no_link, entrant.link.name + ": no link", "check the cable and the switch");
        } else if (entrant.unusable) {
            say(entrant.unusable->topic,
                name + ": the address of ip= is not in use: " + entrant.unusable->what,
                "check address, netmask and gateway in ip=");
        } else if (entrant.dhcp && !entrant.dhcp->flaw().empty()) {
            say(Topic::no_server_named,
                name + ": the DHCP offer cannot be used: " + entrant.dhcp->flaw() +
                    "; still asking",
                "correct DHCP option 17, or set iscsi.ip= on the kernel command line");
        } else if (entrant.dhcp && entrant.dhcp->saw_unusable_offer()) {
            say(Topic::no_server_named,
                name + ": no DHCP offer says where the disk is; still asking",
                "set DHCP option 17, or iscsi.ip= on the kernel command line");
        } else if (entrant.dhcp) {
            say(Topic::no_dhcp_answer, name + ": no DHCP answer yet; still asking",
                "check that a DHCP server serves this network");
        }
    }
}

}  // namespace

Result<std::unique_ptr<Uplink>> Uplink::bring_up(const UplinkSettings& settings) {
    auto links = net::Links::open();
    if (!links) return std::unexpected(links.error());
    auto monitor = net::LinkMonitor::open();
    if (!monitor) return std::unexpected(monitor.error());
    auto race = std::make_unique<Race>(settings, std::move(*links), std::move(*monitor));
    if (auto done = race->run(); !done) return std::unexpected(done.error());
    return race;
}

}  // namespace bootwire::uplink
