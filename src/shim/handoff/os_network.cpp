#include "handoff/os_network.h"

#include <algorithm>

#include "base/text.h"
#include "handoff/name_servers.h"

namespace bootwire::handoff {

namespace {

constexpr size_t most_resolver_servers = 3;  // MAXNS of <resolv.h>
constexpr char resolv_conf_note[] = "# Written by bootwire from DHCP or the kernel command line.\n";
constexpr char resolved_conf_file[] = "/run/systemd/resolved.conf.d/bootwire.conf";
constexpr char interface_note[] =
    "# Written by bootwire: the root disk is reached over this interface.\n";

std::string unmanaged(const std::string& match) {
    return std::string(interface_note) + "[Match]\n" + match + "\n[Link]\nUnmanaged=yes\n" +
           "RequiredForOnline=no\n";
}

std::string by_name(const BootInterface& interface) {
    std::string names;
    for (const std::string& name : interface.names)
        names += (names.empty() ? "" : " ") + name;
    return "Name=" + names + "\n";
}

/// Not what the system itself makes above the interface: VLANs, bridges and the like have the MAC,
/// too, and another type.
std::string by_mac(const BootInterface& interface) {
    return "MACAddress=" + interface.mac.to_string() + "\nType=ether\n";
}

std::string network_manager(const BootInterface& interface) {
    std::string devices;
    for (const std::string& name : interface.names)
        devices += "interface-name:" + name + ";";
    devices += "mac:" + interface.mac.to_string() + ";";  // the permanent one, which VLANs lack
    return std::string(interface_note) + "[device-bootwire]\nmatch-device=" + devices +
           "\nmanaged=0\n";
}

std::string list(const std::vector<IpAddress>& addresses) {
    std::string text;
    for (const IpAddress& address : addresses) {
        text += (text.empty() ? "" : " ") + address.to_string();
    }
    return text;
}

/// What hands name servers on, where it runs, takes those over that a later lease brings. The
/// keeper, which writes the file, starts no program: that would have to come from the disk.
void add_watch(const std::string& file, const std::string& reader, const std::string& command,
               std::vector<NewFile>& files) {
    const std::string units = "/run/systemd/system/";
    const std::string name = "bootwire-" + reader;
    files.push_back({units + name + ".path",
                     std::string(interface_note) + "[Path]\nPathChanged=" + file + "\n"});
    files.push_back(
        {units + name + ".service",
         std::string(interface_note) + "[Service]\nType=oneshot\nExecStart=" + command + "\n"});
    files.push_back({units + reader + ".service.d/bootwire.conf",
                     std::string(interface_note) + "[Unit]\nWants=" + name + ".path\n"});
}

/// The program that a unit waits for the network with is left out. It may know of no link at all,
/// or of one that is never plugged in (wlan0 in a Pi's interfaces file), and wait for minutes.
/// Drop-ins go by file name, whichever folder they are in (systemd.unit(5)): ours is to come after
/// an administrator's, whose ExecStart=…wait-online --any would wait for links that are unmanaged.
void add_wait_online(const BootInterface& interface, std::vector<NewFile>& files) {
    std::vector<std::string> units = {"systemd-networkd-wait-online", "ifupdown-wait-online",
                                      "connman-wait-online"};
    for (const std::string& name : interface.names) {
        units.push_back("systemd-networkd-wait-online@" + name);
    }
    for (const std::string& unit : units) {
        files.push_back(
            {"/run/systemd/system/" + unit + ".service.d/zzzz-bootwire.conf",
             std::string(interface_note) + "[Service]\nExecStart=\nExecStart=/bin/true\n"});
    }
}

}  // namespace

NewFile lasting_name(const BootInterface& interface) {
    return {"/run/systemd/network/00-00-bootwire.link",
            std::string(interface_note) + "[Match]\nMACAddress=" + interface.mac.to_string() +
                "\n\n[Link]\nNamePolicy=\n"};
}

std::vector<NewFile> drop_ins(const BootInterface& interface) {
    std::vector<NewFile> files = {
        {"/run/NetworkManager/conf.d/00-bootwire.conf", network_manager(interface)},
        {"/run/systemd/network/00-00-bootwire.network", unmanaged(by_name(interface))},
        {"/run/systemd/network/00-01-bootwire.network", unmanaged(by_mac(interface))},
        lasting_name(interface),
    };
    if (interface.may_have_dns()) {
        files.push_back({resolved_conf_file, resolved_conf(interface)});
    }
    if (!interface.ntp_servers.empty()) {
        files.push_back(
            {"/run/systemd/timesyncd.conf.d/bootwire.conf",
             std::string(interface_note) + "[Time]\nNTP=" + list(interface.ntp_servers) + "\n"});
    }
    return files;
}

std::vector<NewFile> network_units(const BootInterface& interface) {
    std::vector<NewFile> files;
    add_wait_online(interface, files);
    if (!interface.may_have_dns()) return files;
    add_watch(resolved_conf_file, "systemd-resolved",
              "/bin/systemctl --no-block try-reload-or-restart systemd-resolved.service", files);
    add_watch("/run/" + resolvconf_record(interface), "resolvconf", "/sbin/resolvconf -u", files);
    return files;
}

std::string dhcpcd_conf_denying(std::string_view dhcpcd_conf,
                                const std::vector<std::string>& names) {
    // Before everything else: denyinterfaces inside an `interface` or `profile` block has no
    // effect.
    std::string result = std::string(cover_note) + "denyinterfaces";
    for (const std::string& name : names)
        result += " " + name;
    for (const std::string_view line : split(dhcpcd_conf, '\n')) {
        const auto words = split_words(line);
        const bool waits = !words.empty() && words[0] == "waitip";
        result.append(waits ? "\n#" : "\n").append(line);
    }
    return result;
}

std::optional<std::string> dhcpcd_unit_not_waiting(std::string_view unit) {
    std::string result(cover_note);
    bool changed = false;
    for (const std::string_view line : split(unit, '\n')) {
        const bool starts = trim(line).starts_with("ExecStart=") && line.contains("dhcpcd");
        for (const std::string_view word : starts ? split(line, ' ') : std::vector{line}) {
            const bool waits = starts && (word == "-w" || word == "--waitip");
            result.append(waits ? "-b" : word).append(" ");
            changed = changed || waits;
        }
        result.back() = '\n';
    }
    if (!changed) return std::nullopt;
    result.pop_back();
    return result;
}

std::optional<std::string> connman_conf_without(std::string_view conf, bool is_main,
                                                const std::vector<std::string>& names) {
    constexpr std::string_view key = "NetworkInterfaceBlacklist";
    std::string_view listed = is_main ? "vmnet,vboxnet,virbr,ifb,ve-,vb-" : "";  // its default
    bool found = is_main;
    for (const std::string_view line : split(conf, '\n')) {
        const size_t equals = line.find('=');
        if (equals == line.npos || trim(line.substr(0, equals)) != key) continue;
        listed = trim(line.substr(equals + 1));
        found = true;
    }
    if (!found) return std::nullopt;
    // Of a key that is there twice GKeyFile takes the last.
    std::string result = std::string(cover_note).append(conf).append("\n[General]\n").append(key);
    result.append("=").append(listed);
    for (const std::string& name : names)
        result.append(result.ends_with('=') || result.ends_with(',') ? "" : ",").append(name);
    return result.append("\n");
}

std::string resolved_conf(const BootInterface& interface) {
    std::string text = std::string(interface_note) + "[Resolve]\n";
    // "DNS=" alone would drop what the system's own resolved.conf names.
    if (!interface.dns_servers.empty()) text += "DNS=" + list(interface.dns_servers) + "\n";
    if (!interface.search_domain.empty()) text += "Domains=" + interface.search_domain + "\n";
    return text;
}

std::string resolv_conf(const BootInterface& interface) {
    std::string text(resolv_conf_note);
    if (!interface.search_domain.empty()) text += "search " + interface.search_domain + "\n";
    for (size_t i = 0; i < std::min(interface.dns_servers.size(), most_resolver_servers); ++i) {
        text += "nameserver " + interface.dns_servers[i].to_string() + "\n";
    }
    return text;
}

}  // namespace bootwire::handoff
