#include "iscsi/target_address.h"

#include <algorithm>

#include "base/host_name.h"
#include "base/text.h"

namespace bootwire::iscsi {

bool is_host(std::string_view text) {
    const auto address = IpAddress::parse(text);
    return address ? address->is_v4() : is_host_name(text);
}

std::optional<TargetAddress> TargetAddress::parse(std::string_view text) {
    TargetAddress result;
    if (const size_t comma = text.find(','); comma != text.npos) {
        result.portal_group_tag = parse_number<uint16_t>(text.substr(comma + 1));
        if (!result.portal_group_tag) return std::nullopt;
        text = text.substr(0, comma);
    }
    std::string_view host = text;
    std::string_view rest;
    const bool bracketed = text.starts_with('[');
    if (bracketed) {
        const size_t end = text.find(']');
        if (end == text.npos) return std::nullopt;
        host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
        const auto address = IpAddress::parse(host);
        if (!address || address->is_v4()) return std::nullopt;
    } else if (const size_t colon = text.find(':'); colon != text.npos) {
        host = text.substr(0, colon);
        rest = text.substr(colon);
    }
    if (!rest.empty()) {
        const auto port =
            rest.starts_with(':') ? parse_number<uint16_t>(rest.substr(1)) : std::nullopt;
        if (!port || *port == 0) return std::nullopt;
        result.port = *port;
    }
    if ((!bracketed && !is_host(host)) || !result.host.assign(host)) return std::nullopt;
    return result;
}

std::string TargetAddress::to_string() const {
    const std::string name(host.view());
    const bool is_v6 = name.find(':') != name.npos;
    return (is_v6 ? "[" + name + "]" : name) + ":" + std::to_string(port);
}

}  // namespace bootwire::iscsi
