#include "wifi/sight.h"

#include <charconv>

#include "base/text.h"
#include "wifi/escapes.h"

namespace bootwire::wifi {

namespace {

/// The value of the last line "name=…"; nothing if there is none.
std::optional<std::string_view> value(std::string_view lines, std::string_view name) {
    std::optional<std::string_view> found;
    for (std::string_view line : split(lines, '\n')) {
        if (!line.starts_with(name) || line.substr(name.size(), 1) != "=") continue;
        found = line.substr(name.size() + 1);
    }
    return found;
}

std::optional<int> signed_number(std::optional<std::string_view> text) {
    if (!text) return std::nullopt;
    int number = 0;
    const char* const end = text->data() + text->size();
    const auto [read, error] = std::from_chars(text->data(), end, number);
    if (error != std::errc{} || read != end) return std::nullopt;
    return number;
}

std::optional<unsigned> plain_number(std::optional<std::string_view> text) {
    return text ? parse_number<unsigned>(*text) : std::nullopt;
}

/// "[WPA2-PSK+SAE-CCMP][SAE-H2E][ESS]".
Access access_of(std::string_view flags) {
    Access access;
    bool closed = false;
    for (std::string_view flag : split(flags, '[')) {
        flag = flag.substr(0, flag.find(']'));
        if (flag == "WEP") access.wep = closed = true;
        if (!flag.starts_with("WPA") && !flag.starts_with("RSN") && !flag.starts_with("OSEN")) {
            continue;
        }
        closed = true;
        access.psk |= flag.find("PSK") != flag.npos;
        access.sae |= flag.find("SAE") != flag.npos;
        access.eap |= flag.find("EAP") != flag.npos;
    }
    access.open = !closed;
    return access;
}

std::optional<AccessPoint> access_point(std::string_view entry) {
    const auto address = MacAddress::parse(value(entry, "bssid").value_or(""));
    const auto frequency = plain_number(value(entry, "freq"));
    const auto level = signed_number(value(entry, "level"));
    if (!address || !frequency || !level) return std::nullopt;
    // A network that hides its name sends none, or as many zeros.
    std::string ssid = without_escapes(value(entry, "ssid").value_or(""));
    if (ssid.find_first_not_of('\0') == ssid.npos) ssid.clear();
    return AccessPoint{*address, *frequency, *level, access_of(value(entry, "flags").value_or("")),
                       std::move(ssid)};
}

}  // namespace

std::string look(unsigned from) {
    // Number, address, frequency, level, flags, name, a line between entries (WPA_BSS_MASK_…).
    return "BSS RANGE=" + std::to_string(from) + "- MASK=0x21887";
}

Sight parse_sight(std::string_view answer) {
    Sight sight;
    while (!answer.empty()) {
        // A name has no line of its own that could look like these.
        size_t end = 0;
        std::string_view line;
        do {
            const size_t line_end = answer.find('\n', end);
            line = answer.substr(end, line_end == answer.npos ? line_end : line_end - end);
            end = line_end == answer.npos ? answer.size() : line_end + 1;
        } while (line != "====" && line != "####" && end < answer.size());
        const std::string_view entry = answer.substr(0, end);
        answer.remove_prefix(end);
        if (auto point = access_point(entry)) sight.access_points.push_back(std::move(*point));
        if (line == "####") {
            sight.next.reset();
            return sight;
        }
        if (const auto id = plain_number(value(entry, "id"))) sight.next = *id + 1;
    }
    return sight;
}

unsigned channel(unsigned frequency) {
    if (frequency == 2484) return 14;
    if (frequency >= 2412 && frequency < 2484) return (frequency - 2407) / 5;
    if (frequency >= 5160 && frequency <= 5885) return (frequency - 5000) / 5;
    if (frequency >= 5955 && frequency <= 7115) return (frequency - 5950) / 5;
    return 0;
}

std::string strength(int level) {
    const std::string_view word = level >= -60   ? "good"
                                  : level >= -70 ? "fair"
                                  : level >= -80 ? "weak"
                                                 : "very weak";
    return std::to_string(level) + " dBm, " + std::string(word);
}

std::string Link::to_string() const {
    std::string text = shown(ssid);
    if (channel(frequency) != 0) text += " on channel " + std::to_string(channel(frequency));
    if (level) text += ", " + strength(*level);
    return text + (open ? ", open" : wpa3 ? ", by WPA3" : ", by WPA2");
}

std::optional<Link> parse_link(std::string_view status, std::string_view signal) {
    if (value(status, "wpa_state") != "COMPLETED") return std::nullopt;
    const auto address = MacAddress::parse(value(status, "bssid").value_or(""));
    if (!address) return std::nullopt;
    Link link{.ssid = without_escapes(value(status, "ssid").value_or("")),
              .access_point = *address,
              .frequency = plain_number(value(status, "freq")).value_or(0),
              .level = signed_number(value(signal, "RSSI"))};
    // After a change of channel the driver knows better.
    if (const auto frequency = plain_number(value(signal, "FREQUENCY")); frequency.value_or(0)) {
        link.frequency = *frequency;
    }
    const std::string_view by = value(status, "key_mgmt").value_or("");
    link.open = by == "NONE";
    link.wpa3 = by.find("SAE") != by.npos;
    return link;
}

}  // namespace bootwire::wifi
