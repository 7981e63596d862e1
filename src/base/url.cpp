#include "base/url.h"

#include <algorithm>

#include "base/address.h"
#include "base/ascii.h"
#include "base/host_name.h"
#include "base/text.h"

namespace bootwire {

namespace {

constexpr size_t longest = 255;

/// The host, and what follows it.
struct Split {
    std::string_view host;
    std::string_view rest;
};

std::optional<Split> split_authority(std::string_view text) {
    if (text.starts_with('[')) {
        const size_t end = text.find(']');
        if (end == text.npos) return std::nullopt;
        const auto address = IpAddress::parse(text.substr(1, end - 1));
        if (!address || address->is_v4()) return std::nullopt;
        return Split{text.substr(1, end - 1), text.substr(end + 1)};
    }
    const size_t end = std::min(text.find(':'), text.size());
    const std::string_view host = text.substr(0, end);
    if (!IpAddress::parse(host) && !is_host_name(host)) return std::nullopt;
    return Split{host, text.substr(end)};
}

}  // namespace

std::optional<Url> Url::parse(std::string_view text) {
    const size_t colon = text.find("://");
    const bool usable = text.size() <= longest && colon != text.npos &&
                        std::ranges::all_of(text, is_graphic) &&
                        text.find_first_of("\"#?@\\") == text.npos;
    if (!usable) return std::nullopt;
    const std::string_view rest = text.substr(colon + 3);
    const size_t slash = rest.find('/');
    if (slash == rest.npos || slash + 1 == rest.size()) return std::nullopt;
    const auto split = split_authority(rest.substr(0, slash));
    if (!split) return std::nullopt;
    Url url{lower(text.substr(0, colon)), std::string(split->host), std::nullopt,
            std::string(rest.substr(slash))};
    if (split->rest.empty()) return url;
    url.port =
        split->rest.front() == ':' ? parse_number<uint16_t>(split->rest.substr(1)) : std::nullopt;
    if (!url.port || *url.port == 0) return std::nullopt;
    return url;
}

std::string Url::authority() const {
    const std::string name = host.contains(':') ? "[" + host + "]" : host;
    return port ? name + ":" + std::to_string(*port) : name;
}

}  // namespace bootwire
