#include "wifi/event.h"

#include <array>

#include "base/text.h"
#include "wifi/escapes.h"

namespace bootwire::wifi {

namespace {

/// The value behind "name=", up to the next blank or ']'; empty if there is none.
std::string_view field(std::string_view text, std::string_view name) {
    for (std::string_view word : split_words(text)) {
        if (word.starts_with('[')) word.remove_prefix(1);
        if (!word.starts_with(name) || word.substr(name.size(), 1) != "=") continue;
        word.remove_prefix(name.size() + 1);
        if (word.ends_with(']')) word.remove_suffix(1);
        return word;
    }
    return {};
}

template <class Number>
Number number(std::string_view text, std::string_view name) {
    return parse_number<Number>(field(text, name)).value_or(0);
}

std::optional<Event> connected(std::string_view text) {
    // "- Connection to 02:00:00:00:03:00 completed [id=0 id_str=]"
    constexpr std::string_view before = "onnection to ";
    const size_t place = text.find(before);
    if (place == text.npos) return std::nullopt;
    const auto words = split_words(text.substr(place + before.size()));
    const auto address = words.empty() ? std::nullopt : MacAddress::parse(words.front());
    const auto id = parse_number<unsigned>(field(text, "id"));
    if (!address || !id) return std::nullopt;
    return Connected{*address, *id};
}

std::optional<Event> disconnected(std::string_view text) {
    return Disconnected{MacAddress::parse(field(text, "bssid")).value_or(MacAddress{}),
                        number<uint16_t>(text, "reason"), field(text, "locally_generated") == "1"};
}

GivenUp::Why why_given_up(std::string_view reason) {
    if (reason == "WRONG_KEY") return GivenUp::Why::wrong_key;
    if (reason == "NO_PSK_AVAILABLE") return GivenUp::Why::no_key;
    if (reason == "CONN_FAILED") return GivenUp::Why::no_answer;
    return GivenUp::Why::other;
}

std::optional<Event> given_up(std::string_view text) {
    // The name comes from the air and may hold what looks like the rest: it is taken out first.
    constexpr std::string_view before = "ssid=\"";
    const size_t place = text.find(before);
    if (place == text.npos) return std::nullopt;
    const auto id = parse_number<unsigned>(field(text.substr(0, place), "id"));
    if (!id) return std::nullopt;
    text.remove_prefix(place + before.size());
    std::string ssid = without_escapes(take_quoted(text));
    return GivenUp{*id, std::move(ssid), why_given_up(field(text, "reason"))};
}

std::optional<Event> association_refused(std::string_view text) {
    AssociationRefused refused{MacAddress::parse(field(text, "bssid")),
                               number<uint16_t>(text, "status_code")};
    for (const std::string_view word : split_words(text)) {
        if (word == "timeout" || word.starts_with("timeout=")) refused.timed_out = true;
    }
    return refused;
}

std::optional<Event> authentication_refused(std::string_view text) {
    const auto words = split_words(text);
    const auto address = words.empty() ? std::nullopt : MacAddress::parse(words.front());
    if (!address) return std::nullopt;
    return AuthenticationRefused{*address, number<uint16_t>(text, "auth_type"),
                                 number<uint16_t>(text, "auth_transaction"),
                                 number<uint16_t>(text, "status_code")};
}

std::optional<Event> channel_changed(std::string_view text) {
    const auto frequency = parse_number<unsigned>(field(text, "freq"));
    if (!frequency) return std::nullopt;
    return ChannelChanged{*frequency};
}

template <class Simple>
std::optional<Event> simple(std::string_view) {
    return Simple{};
}

struct Kind {
    std::string_view name;
    std::optional<Event> (*parse)(std::string_view rest);
};
constexpr std::array kinds{
    Kind{"CONNECTED", connected},
    Kind{"DISCONNECTED", disconnected},
    Kind{"SSID-TEMP-DISABLED", given_up},
    Kind{"ASSOC-REJECT", association_refused},
    Kind{"AUTH-REJECT", authentication_refused},
    Kind{"SCAN-RESULTS", simple<Scanned>},
    Kind{"SCAN-FAILED", simple<ScanFailed>},
    Kind{"NETWORK-NOT-FOUND", simple<NoneFound>},
    Kind{"CHANNEL-SWITCH", channel_changed},
    Kind{"TERMINATING", simple<Ending>},
};

}  // namespace

std::optional<Event> parse_event(std::string_view datagram) {
    if (datagram.starts_with('<')) {
        const size_t end = datagram.find('>');
        if (end == datagram.npos) return std::nullopt;
        datagram.remove_prefix(end + 1);
    }
    constexpr std::string_view prefix = "CTRL-EVENT-";
    if (!datagram.starts_with(prefix)) return std::nullopt;
    datagram.remove_prefix(prefix.size());
    const std::string_view name = datagram.substr(0, datagram.find_first_of(" \n"));
    for (const Kind& kind : kinds) {
        if (name == kind.name) return kind.parse(datagram.substr(name.size()));
    }
    return std::nullopt;
}

}  // namespace bootwire::wifi
