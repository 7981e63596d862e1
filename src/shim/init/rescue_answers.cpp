#include "init/rescue_answers.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "block/block_device.h"
#include "disk/layout.h"
#include "init/network_stage.h"
#include "init/session_stage.h"
#include "net/links.h"
#include "net/ping.h"
#include "net/resolve.h"
#include "net/socket_address.h"
#include "os/clock.h"
#include "os/file.h"
#include "plan/describe.h"
#include "screen/console.h"
#include "session/discover.h"

namespace bootwire::init {

namespace {

using namespace std::chrono_literals;

constexpr size_t most_last_lines = 20;
constexpr int ping_count = 3;
constexpr size_t most_targets = 32;

std::string seconds(Milliseconds time) {
    return std::to_string((time + 500ms) / 1s) + " s";
}

const char* state_word(screen::Step::State state) {
    switch (state) {
        case screen::Step::State::done:
            return "done     ";
        case screen::Step::State::failed:
            return "failed   ";
        case screen::Step::State::running:
            return "under way";
        case screen::Step::State::waiting:
            break;
    }
    return "to come  ";
}

std::string notice_text(const screen::Notice& notice) {
    const bool waits = notice.kind == screen::Notice::Kind::wait;
    std::string text = std::string(waits ? "waiting for " : "failed ") +
                       seconds(now() - notice.since) + (waits ? ": " : " ago: ") + notice.text +
                       "\n";
    if (!notice.hint.empty()) text += "what to check: " + notice.hint + "\n";
    if (!waits) text += "next attempt a minute after the last command here, or with `retry`\n";
    return text;
}

/// "10.0.0.2/24" and the like, of one interface.
std::string addresses_of(const std::string& interface) {
    ifaddrs* first = nullptr;
    if (getifaddrs(&first) != 0) return {};
    std::string text;
    for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
        if (entry->ifa_addr == nullptr || interface != entry->ifa_name) continue;
        const int family = entry->ifa_addr->sa_family;
        if (family != AF_INET && family != AF_INET6) continue;
        net::SocketAddress address;
        address.length = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
        std::copy_n(reinterpret_cast<const char*>(entry->ifa_addr), address.length,
                    reinterpret_cast<char*>(&address.storage));
        if (const auto endpoint = net::endpoint_of(address)) {
            text += "  " + endpoint->address.to_string();
        }
    }
    freeifaddrs(first);
    return text;
}

net::NameServers name_servers_of(const Findings& findings) {
    return findings.network_plan ? init::name_servers_of(*findings.network_plan)
                                 : net::NameServers{};
}

std::string targets_text(const std::vector<iscsi::DiscoveredTarget>& targets) {
    if (targets.empty()) return "  it offers us no target\n";
    std::string text;
    for (size_t i = 0; i < std::min(targets.size(), most_targets); ++i)
        text += "  " + printable(targets[i].name) + "\n";
    return text;
}

}  // namespace

std::string status_text(const screen::View& view) {
    std::string text = view.board + ", serial " + view.serial + ", bootwire " + view.version +
                       ", up for " + seconds(now()) + "\n";
    for (const screen::Step& step : view.steps) {
        text += std::string(state_word(step.state)) + "  " + step.name +
                (step.detail.empty() ? "" : ": " + step.detail) + "\n";
    }
    if (view.notice) text += notice_text(*view.notice);
    return text;
}

std::string log_text(bool all) {
    std::vector<std::string_view> lines = split(screen::transcript(), '\n');
    std::erase(lines, std::string_view());
    std::string text;
    for (size_t i = all ? 0 : lines.size() - std::min(most_last_lines, lines.size());
         i < lines.size(); ++i)
        text += std::string(lines[i]) + "\n";
    return text;
}

std::string net_text(const Findings& findings) {
    auto links = net::Links::open();
    if (!links) return links.error().to_string() + "\n";
    const auto list = links->list();
    if (!list) return list.error().to_string() + "\n";
    std::string text;
    for (const net::Link& link : *list) {
        if (!link.is_ethernet) continue;
        text += link.name + "  " + link.mac.to_string() +
                (link.has_carrier ? "  link is up" : "  no link: look at cable and switch") +
                addresses_of(link.name) + "\n";
    }
    if (text.empty()) text = "there is no Ethernet interface\n";
    for (const IpAddress& server : name_servers_of(findings).servers)
        text += "name server  " + server.to_string() + "\n";
    return text;
}

std::string dhcp_text(const Findings& findings) {
    std::string text;
    if (findings.network && findings.network->lease) {
        const dhcp::Lease& lease = *findings.network->lease;
        text +=
            "the lease: " + lease.address.to_string() + " from " + lease.server.to_string() + "\n";
    } else {
        text += "there is no lease\n";
    }
    if (findings.plan) {
        for (const plan::Fact& fact : plan::facts(*findings.plan)) {
            if (fact.source.kind != plan::Source::Kind::dhcp || !fact.given) continue;
            text += std::string(fact.name) + " " + printable(join(fact.values, ", ")) + ", from " +
                    fact.source.to_string() + "\n";
        }
    }
    return text + screen::lines_about_dhcp();
}

std::string ping_text(const std::string& host, const Findings& findings,
                      const std::function<void()>& alive) {
    auto address = IpAddress::parse(host);
    if (!address) {
        const auto found = net::resolve(name_servers_of(findings), host, alive);
        if (!found) return found.error().to_string() + "\n";
        address = *found;
    }
    std::string text;
    for (int i = 0; i < ping_count; ++i) {
        alive();
        const auto took = net::ping(*address, static_cast<uint16_t>(i));
        text += took ? address->to_string() + " answers after " + std::to_string(took->count()) +
                           " ms\n"
                     : took.error().to_string() + "\n";
        if (took && i + 1 < ping_count) sleep_for(200ms);
    }
    return text;
}

std::string login_text(const Findings& findings, const board::Board& board,
                       const std::function<void()>& alive) {
    if (!findings.plan) return "no server is known yet: `status` says what is waited for\n";
    session::Account account = account_of(*findings.plan, board);
    // Under another ISID no target can take this for the boot's own session, come back.
    account.isid.bytes.back() ^= 1;
    const net::NameServers name_servers = name_servers_of(findings);
    const session::Surroundings surroundings{
        [&](const std::string& host) { return net::resolve(name_servers, host, alive); }, alive};
    std::string text;
    for (const plan::Portal& portal : findings.plan->portals.value) {
        const auto targets = session::list_targets(account, portal, surroundings);
        text += portal.to_string() + ": ";
        text += targets ? "we are let in\n" + targets_text(*targets)
                        : targets.error().to_string() + "\n";
    }
    return text;
}

std::string disks_text() {
    constexpr char block_folder[] = "/sys/class/block";
    std::string text;
    for (const std::string& name : names_in(block_folder)) {
        const bool is_partition =
            access((std::string(block_folder) + "/" + name + "/device").c_str(), F_OK) != 0;
        if (is_partition) continue;
        const auto device =
            block::BlockDevice::open("/dev/" + name, block::BlockDevice::Access::read_only);
        text += name + "  ";
        if (!device) {
            text += device.error().to_string() + "\n";
            continue;
        }
        const auto layout = disk::read_layout(*device);
        text += disk::size_text(device->size()) + "  " +
                printable(layout ? layout->to_string() : layout.error().to_string()) + "\n";
    }
    return text.empty() ? "there is no disk yet\n" : text;
}

}  // namespace bootwire::init
