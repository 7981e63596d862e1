#include "keeper/portals_text.h"

#include <variant>

#include "base/text.h"
#include "session/discover.h"
#include "session/elsewhere.h"

namespace bootwire::keeper {

namespace {

constexpr char end_line[] = ".";
constexpr char refusal_mark = '!';  // in front of what asking again does not help with

std::optional<plan::Portal> usable_portal(std::string_view line) {
    const auto portal = plan::parse_host_and_port(line);
    if (!portal || !portal->port) return std::nullopt;
    const auto* const address = std::get_if<IpAddress>(&portal->host);
    if (address == nullptr || !session::can_be_elsewhere(*address)) return std::nullopt;
    return plan::Portal{*address, *portal->port};
}

}  // namespace

std::string encode_portals(const std::vector<plan::Portal>& portals) {
    std::string text;
    for (const plan::Portal& portal : portals)
        text += portal.to_string() + "\n";
    return text + end_line;
}

std::string encode_trouble(const Error& error) {
    const bool is_for_good = error.remedy == Remedy::operator_must_act;
    return (is_for_good ? std::string(1, refusal_mark) : std::string()) + error.what;
}

bool may_ask_again_after(std::string_view text) {
    return !text.starts_with(refusal_mark);
}

std::optional<std::vector<plan::Portal>> decode_portals(std::string_view text) {
    if (text.size() > longest_portals_text) return std::nullopt;
    std::vector<std::string_view> lines = split(text, '\n');
    if (lines.back() != end_line) return std::nullopt;
    lines.pop_back();
    if (lines.size() > session::most_learnt_portals) return std::nullopt;
    std::vector<plan::Portal> portals;
    std::optional<IpAddress::Family> family;
    for (const std::string_view line : lines) {
        const auto portal = usable_portal(line);
        if (!portal) return std::nullopt;
        const auto its_family = std::get<IpAddress>(portal->host).family;
        if (family.value_or(its_family) != its_family) return std::nullopt;
        family = its_family;
        portals.push_back(*portal);
    }
    return portals;
}

}  // namespace bootwire::keeper
