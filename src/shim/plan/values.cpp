#include "plan/values.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/host_name.h"
#include "base/text.h"
#include "iscsi/name.h"

namespace bootwire::plan {

namespace {

constexpr uint64_t mebibyte = 1 << 20;
constexpr uint64_t smallest_overlay = 16 * mebibyte, largest_overlay = 1024 * 1024 * mebibyte;

template <class Number>
std::optional<Number> parse_in_range(std::string_view text, Number least, Number most) {
    const auto number = parse_number<Number>(text);
    if (!number || *number < least || *number > most) return std::nullopt;
    return number;
}

/// Splits at colons outside brackets; a bracket that doesn't fit gives nothing.
std::optional<std::vector<std::string_view>> split_at_colons(std::string_view text) {
    std::vector<std::string_view> fields;
    size_t start = 0;
    bool inside = false;
    for (size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && (text[i] == '[' || text[i] == ']')) {
            if (inside == (text[i] == '[')) return std::nullopt;
            inside = !inside;
        }
        if (i < text.size() && (text[i] != ':' || inside)) continue;
        fields.push_back(text.substr(start, i - start));
        start = i + 1;
    }
    if (inside) return std::nullopt;
    return fields;
}

/// An address, IPv6 in brackets.
std::optional<IpAddress> parse_bracketed(std::string_view text) {
    const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
    if (bracketed) text = text.substr(1, text.size() - 2);
    const auto address = IpAddress::parse(text);
    if (!address || address->is_v4() == bracketed) return std::nullopt;
    return address;
}

std::optional<uint8_t> parse_netmask(std::string_view text, const IpAddress& address) {
    if (text.empty()) return address.is_v4() ? classful_prefix_length(address) : uint8_t{64};
    if (const auto length = parse_number<uint8_t>(text)) {
        if (*length > (address.is_v4() ? 32 : 128)) return std::nullopt;
        return length;
    }
    const auto mask = IpAddress::parse(text);
    if (!mask || !mask->is_v4() || !address.is_v4()) return std::nullopt;
    return prefix_length_of_netmask(*mask);
}

/// The single words that ask for automatic configuration over IPv4.
bool is_automatic(std::string_view word) {
    return word == "dhcp" || word == "on" || word == "any" || word == "both" || word == "bootp";
}

bool is_device_name(std::string_view text) {
    return text.size() < 16 && text != "." && text != ".." &&
           std::ranges::all_of(text, [](char c) { return is_graphic(c) && c != '/'; });
}

/// The address part of the long form. False if it is malformed.
bool read_address(const std::vector<std::string_view>& fields, IpSetting& setting) {
    const auto field = [&](size_t i) { return i < fields.size() ? fields[i] : std::string_view{}; };
    if (field(0).empty()) return field(6).empty() || is_automatic(field(6));
    const auto client = parse_bracketed(field(0));
    if (!client || client->is_unspecified()) return false;
    const auto length = parse_netmask(field(3), *client);
    if (!length) return false;
    setting.address = StaticAddress{{*client, *length}, std::nullopt};
    if (field(2).empty()) return true;
    const auto gateway = parse_bracketed(field(2));
    if (!gateway || gateway->family != client->family) return false;
    if (!gateway->is_unspecified()) setting.address->gateway = gateway;
    return true;
}

}  // namespace

std::string_view to_string(Mode mode) {
    switch (mode) {
        case Mode::pivot:
            return "pivot";
        case Mode::kexec:
            return "kexec";
        case Mode::usb:
            return "usb";
    }
    return {};
}

std::string_view to_string(Exclusive exclusive) {
    switch (exclusive) {
        case Exclusive::no:
            return "no";
        case Exclusive::yes:
            return "yes";
        case Exclusive::preempt:
            return "preempt";
    }
    return {};
}

std::string_view to_string(InitramfsUse use) {
    switch (use) {
        case InitramfsUse::automatic:
            return "auto";
        case InitramfsUse::always:
            return "always";
        case InitramfsUse::never:
            return "never";
    }
    return {};
}

std::string ModulesWish::to_string() const {
    if (!wanted) return "off";
    return from ? from->to_string() : "from where the kernel came";
}

std::string to_string(const OverlayUse& use) {
    if (!use.in_ram) return "no";
    return use.limit == 0 ? "ram" : "ram," + std::to_string(use.limit / mebibyte) + "M";
}

std::string_view to_string(Fallback fallback) {
    return fallback == Fallback::pivot ? "pivot" : "none";
}

std::string to_string(const Host& host) {
    if (const auto* address = std::get_if<IpAddress>(&host)) return address->to_string();
    return *std::get_if<std::string>(&host);
}

std::string Portal::to_string() const {
    if (const auto* address = std::get_if<IpAddress>(&host)) {
        return Endpoint{*address, port}.to_string();
    }
    return plan::to_string(host) + ':' + std::to_string(port);
}

std::optional<std::string> parse_iscsi_name(std::string_view text) {
    if (!iscsi::check_name(text).ok()) return std::nullopt;
    return std::string(text);
}

std::optional<Mode> parse_mode(std::string_view text) {
    const std::string word = lower(text);
    for (const Mode mode : {Mode::pivot, Mode::kexec, Mode::usb}) {
        if (word == to_string(mode)) return mode;
    }
    return std::nullopt;
}

std::optional<Fallback> parse_fallback(std::string_view text) {
    const std::string word = lower(text);
    for (const Fallback fallback : {Fallback::none, Fallback::pivot}) {
        if (word == to_string(fallback)) return fallback;
    }
    return std::nullopt;
}

std::optional<uint16_t> parse_port(std::string_view text) {
    return parse_in_range<uint16_t>(text, 1, 65535);
}

std::optional<uint16_t> parse_vlan(std::string_view text) {
    return parse_in_range<uint16_t>(text, 1, 4094);
}

std::optional<TftpPrefix> parse_tftp_prefix(std::string_view text) {
    if (text == "serial") return TftpPrefix::serial;
    if (text == "mac") return TftpPrefix::mac;
    if (text == "none") return TftpPrefix::none;
    return std::nullopt;
}

std::optional<bool> parse_flag(std::string_view text) {
    if (text.empty() || text == "1" || text == "y" || text == "yes" || text == "on") return true;
    if (text == "0" || text == "n" || text == "no" || text == "off") return false;
    return std::nullopt;
}

std::optional<bool> parse_read_only(std::string_view text) {
    const std::string word = lower(text);
    if (word == "ro") return true;
    if (word == "rw") return false;
    return std::nullopt;
}

std::optional<RecoveryTime> parse_recovery(std::string_view text) {
    if (text == "forever") return std::optional<RecoveryTime>(std::in_place);
    const auto seconds = parse_in_range<uint32_t>(text, 0, 86400);
    if (!seconds) return std::nullopt;
    return RecoveryTime{std::chrono::seconds(*seconds)};
}

std::optional<bool> parse_named_only(std::string_view text) {
    if (text == "named") return true;
    if (text == "all") return false;
    return std::nullopt;
}

std::optional<Exclusive> parse_exclusive(std::string_view text) {
    if (text == "preempt") return Exclusive::preempt;
    const auto flag = parse_flag(text);
    if (!flag) return std::nullopt;
    return *flag ? Exclusive::yes : Exclusive::no;
}

std::optional<OverlayUse> parse_overlay(std::string_view text) {
    const std::string words = lower(text);
    if (words == "no" || words == "off" || words == "0") return OverlayUse{};
    if (words == "ram") return OverlayUse{true, 0};
    constexpr std::string_view before = "ram,";
    if (!words.starts_with(before)) return std::nullopt;
    const bool in_gibibytes = words.ends_with('g');
    if (!in_gibibytes && !words.ends_with('m')) return std::nullopt;
    const auto digits = std::string_view(words).substr(before.size());
    const auto number = parse_number<uint32_t>(digits.substr(0, digits.size() - 1));
    if (!number) return std::nullopt;
    const uint64_t limit = *number * mebibyte * (in_gibibytes ? 1024 : 1);
    if (limit < smallest_overlay || limit > largest_overlay) return std::nullopt;
    return OverlayUse{true, limit};
}

std::optional<InitramfsUse> parse_initramfs_use(std::string_view text) {
    using enum InitramfsUse;
    for (const InitramfsUse use : {automatic, always, never}) {
        if (same_ignoring_case(text, to_string(use))) return use;
    }
    return std::nullopt;
}

std::optional<ModulesWish> parse_modules_wish(std::string_view text) {
    if (same_ignoring_case(text, "off")) return ModulesWish{false, std::nullopt};
    auto url = Url::parse(text);
    if (!url || (url->scheme != "tftp" && url->scheme != "http")) return std::nullopt;
    return ModulesWish{true, std::move(url)};
}

std::optional<std::chrono::seconds> parse_patience(std::string_view text) {
    const auto seconds = parse_in_range<uint32_t>(text, 0, 3600);
    if (!seconds) return std::nullopt;
    return std::chrono::seconds(*seconds);
}

std::optional<Host> parse_host(std::string_view text) {
    if (text.size() > 2 && text.front() == '[') {
        const auto address = parse_bracketed(text);
        if (!address || address->is_unspecified()) return std::nullopt;
        return *address;
    }
    if (const auto address = IpAddress::parse(text)) {
        if (address->is_unspecified()) return std::nullopt;
        return *address;
    }
    if (is_host_name(text)) return std::string(text);
    return std::nullopt;
}

std::optional<HostAndPort> parse_host_and_port(std::string_view text) {
    // More than one colon without brackets is an IPv6 address without a port.
    const size_t colon = text.rfind(':');
    const bool has_port = colon != text.npos && !text.ends_with(']') &&
                          (text.find(':') == colon || text.starts_with('['));
    const auto host = parse_host(has_port ? text.substr(0, colon) : text);
    if (!host) return std::nullopt;
    if (!has_port) return HostAndPort{*host, std::nullopt};
    const auto port = parse_port(text.substr(colon + 1));
    if (!port) return std::nullopt;
    return HostAndPort{*host, port};
}

std::optional<IpSetting> parse_ip_setting(std::string_view text) {
    const auto fields = split_at_colons(text);
    if (!fields || fields->size() > 10) return std::nullopt;
    IpSetting setting;
    if (fields->size() == 1 && is_automatic(fields->front())) return setting;
    if (fields->size() == 1 && fields->front().empty()) return std::nullopt;
    if (!read_address(*fields, setting)) return std::nullopt;

    const auto field = [&](size_t i) {
        return i < fields->size() ? (*fields)[i] : std::string_view{};
    };
    if (!field(4).empty()) {
        if (!is_host_name(field(4))) return std::nullopt;
        setting.host_name = field(4);
    }
    if (!is_device_name(field(5))) return std::nullopt;
    setting.device = field(5);
    for (size_t i = 7; i < fields->size(); ++i) {
        if (field(i).empty()) continue;
        const auto server = parse_bracketed(field(i));
        if (!server) return std::nullopt;
        if (server->is_unspecified()) continue;
        (i == 9 ? setting.ntp_servers : setting.dns_servers).push_back(*server);
    }
    return setting;
}

}  // namespace bootwire::plan
