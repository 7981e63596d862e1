#include "plan/request.h"

#include <algorithm>

#include "plan/settings_file.h"

namespace bootwire::plan {

namespace {

template <class T>
void append_new(std::vector<T>& list, const std::vector<T>& more) {
    for (const T& item : more) {
        if (std::ranges::find(list, item) == list.end()) list.push_back(item);
    }
}

std::optional<eeprom::OrderWish> parse_order_wish(std::string_view text) {
    const auto wish = eeprom::parse_order_wish(text);
    return wish ? std::optional(*wish) : std::nullopt;
}

void describe(const NetworkRequest& network, Report& report) {
    const auto line = [&](std::string text, const Source& source) {
        report.lines.push_back(std::move(text) + ", from " + source.to_string());
    };
    if (const auto& fixed = network.address.value) {
        std::string text = "address " + fixed->address.to_string();
        if (fixed->gateway) text += ", gateway " + fixed->gateway->to_string();
        line(std::move(text), network.address.source);
    } else {
        line("address by DHCP", network.address.source);
    }
    if (!network.interface.value.empty()) {
        line("interface " + network.interface.value, network.interface.source);
    }
    if (network.vlan.value) {
        line("VLAN " + std::to_string(*network.vlan.value), network.vlan.source);
    }
}

}  // namespace

CommandLine Given::as_one_line() const {
    CommandLine line = command_line;
    const CommandLine weaker = known_settings(card);
    for (const Word& word : weaker.words()) {
        if (!command_line.has(word.name)) line.add(word);
    }
    line.take_over(known_settings(help_disk));
    line.take_over(console);
    return line;
}

Request read_request(const Given& given, Report& report) {
    Request request;
    request.settings.add(given.card, Source::card(), report);
    request.settings.add(given.command_line, Source::command_line(), report);
    request.settings.add(given.help_disk, Source::help_disk(), report);
    request.settings.add(given.console, Source::console(), report);
    const Settings& settings = request.settings;
    NetworkRequest& network = request.network;

    if (auto vlan = first_usable<uint16_t>(settings, Key::vlan, parse_vlan, report)) {
        network.vlan = {vlan->value, vlan->source};
    }
    if (auto dns = all_usable<IpAddress>(settings, Key::dns, IpAddress::parse, report)) {
        network.dns_servers = std::move(*dns);
    }
    if (auto ip = first_usable<IpSetting>(settings, Key::ip, parse_ip_setting, report)) {
        const Source& source = ip->source;
        network.address = {ip->value.address, source};
        if (!ip->value.device.empty()) network.interface = {ip->value.device, source};
        if (!ip->value.host_name.empty()) network.host_name = {ip->value.host_name, source};
        if (!ip->value.ntp_servers.empty()) network.ntp_servers = {ip->value.ntp_servers, source};
        if (!ip->value.dns_servers.empty()) {
            append_new(network.dns_servers.value, ip->value.dns_servers);
            network.dns_servers.source = source;
        }
    }
    if (auto splash = first_usable<bool>(settings, Key::bootwire_splash, parse_flag, report)) {
        request.splash = *splash;
    }
    if (auto console = first_usable<bool>(settings, Key::bootwire_console, parse_flag, report)) {
        request.rescue_console = *console;
    }
    if (auto disk = first_usable<bool>(settings, Key::bootwire_help, parse_flag, report)) {
        request.help_disk = *disk;
    }
    if (auto order = first_usable<eeprom::OrderWish>(settings, Key::bootwire_boot_order,
                                                     parse_order_wish, report)) {
        request.bootloader.order = *order;
    }
    if (auto prefix = first_usable<TftpPrefix>(settings, Key::bootwire_tftp_prefix,
                                               parse_tftp_prefix, report)) {
        request.bootloader.tftp_prefix = {prefix->value, prefix->source};
    }
    // make_plan() is who warns about the values of this key.
    Report unheard;
    if (all_usable<HostAndPort>(settings, Key::iscsi_ip, parse_host_and_port, unheard)) {
        const bool names_target = !settings.of(Key::iscsi_target).empty();
        network.root_path =
            names_target ? dhcp::RootPathPolicy::ignored : dhcp::RootPathPolicy::preferred;
    }
    describe(network, report);
    return request;
}

}  // namespace bootwire::plan
