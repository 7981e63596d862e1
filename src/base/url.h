// Addresses of files on servers: SCHEME://HOST[:PORT]/PATH (RFC 3986), without user names, queries
// and fragments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bootwire {

struct Url {
    std::string scheme;  ///< in lower case
    std::string host;    ///< a name or an address; an IPv6 address without brackets
    std::optional<uint16_t> port;
    std::string path;  ///< as it was written, from its first slash on: at least one character more

    /// Nothing if it is none, or longer than 255 bytes.
    static std::optional<Url> parse(std::string_view text);
    /// "nas.lan:8080", "[fd00::1]".
    std::string authority() const;
    std::string to_string() const { return scheme + "://" + authority() + path; }

    bool operator==(const Url&) const = default;
};

}  // namespace bootwire
