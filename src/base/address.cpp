#include "base/address.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include "base/ascii.h"
#include "base/bytes.h"
#include "base/text.h"

namespace bootwire {

namespace {

bool take(std::string_view& text, std::string_view wanted) {
    if (!text.starts_with(wanted)) return false;
    text.remove_prefix(wanted.size());
    return true;
}

/// Cuts off as many digits of the base as there are, but at most that many.
std::string_view take_digits(std::string_view& text, int base, size_t at_most) {
    size_t count = 0;
    while (count < std::min(text.size(), at_most) &&
           (base == 16 ? is_hex_digit(text[count]) : is_digit(text[count]))) {
        ++count;
    }
    const auto digits = text.substr(0, count);
    text.remove_prefix(count);
    return digits;
}

/// The whole text as four numbers of 0 to 255, none with a leading zero.
bool parse_v4(std::string_view text, std::span<uint8_t, 4> to) {
    for (size_t i = 0; i < to.size(); ++i) {
        if (i > 0 && !take(text, ".")) return false;
        const auto digits = take_digits(text, 10, 3);
        const auto number = parse_number<uint8_t>(digits);
        if (!number || (digits.size() > 1 && digits.front() == '0')) return false;
        to[i] = *number;
    }
    return text.empty();
}

/// The whole text in a form of RFC 4291 section 2.2: groups of up to four hexadecimal digits, "::"
/// once for one or more groups of zeros, an IPv4 address in the place of the last two.
bool parse_v6(std::string_view text, std::span<uint8_t, 16> to) {
    size_t size = 0;
    std::optional<size_t> gap;
    if (take(text, "::")) gap = 0;
    while (!text.empty()) {
        if (size + 4 <= to.size() && parse_v4(text, std::span<uint8_t, 4>(&to[size], 4))) {
            size += 4;
            break;
        }
        const auto group = parse_number<uint16_t>(take_digits(text, 16, 4), 16);
        if (!group || size == to.size()) return false;
        store_be16(&to[size], *group);
        size += 2;
        if (text.empty()) break;
        if (take(text, "::")) {
            if (gap) return false;
            gap = size;
        } else if (!take(text, ":") || text.empty()) {
            return false;
        }
    }
    if (!gap) return size == to.size();
    if (size == to.size()) return false;
    const auto behind = to.subspan(*gap);
    std::ranges::fill(to.subspan(size), uint8_t{0});
    std::ranges::rotate(behind, behind.begin() + static_cast<ptrdiff_t>(size - *gap));
    return true;
}

using Groups = std::array<uint16_t, 8>;

struct Run {
    size_t begin = 0;
    size_t end = 0;
    size_t size() const { return end - begin; }
};

/// The first of the longest runs of zeros, if it has two or more (RFC 5952 section 4.2).
Run run_of_zeros(const Groups& groups) {
    Run longest;
    for (size_t begin = 0; begin < groups.size(); ++begin) {
        Run run{begin, begin};
        while (run.end < groups.size() && groups[run.end] == 0)
            ++run.end;
        if (run.size() >= 2 && run.size() > longest.size()) longest = run;
    }
    return longest;
}

/// Writes into storage that is known to suffice, and gives the end of what is written.
char* write_number(unsigned number, int base, char* to) {
    return std::to_chars(to, to + 4, number, base).ptr;
}

char* write_v4(const uint8_t* bytes, char* to) {
    for (size_t i = 0; i < 4; ++i) {
        if (i > 0) *to++ = '.';
        to = write_number(bytes[i], 10, to);
    }
    return to;
}

char* write_v6(const std::array<uint8_t, 16>& bytes, char* to) {
    Groups groups;
    for (size_t i = 0; i < groups.size(); ++i)
        groups[i] = load_be16(&bytes[2 * i]);
    const Run zeros = run_of_zeros(groups);
    const bool has_v4 =
        zeros.begin == 0 && (zeros.size() == 6 || (zeros.size() == 5 && groups[5] == 0xffff));
    for (size_t i = 0; i < groups.size(); ++i) {
        if (zeros.size() > 0 && i == zeros.begin) {
            to = std::ranges::copy(std::string_view("::"), to).out;
            i = zeros.end;
            if (i == groups.size()) break;
        } else if (i > 0) {
            *to++ = ':';
        }
        if (has_v4 && i == 6) return write_v4(&bytes[12], to);
        to = write_number(groups[i], 16, to);
    }
    return to;
}

}  // namespace

IpAddress IpAddress::v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
    IpAddress address;
    address.bytes = {a, b, c, d};
    return address;
}

IpAddress IpAddress::v4(uint32_t host_order) {
    return v4(static_cast<uint8_t>(host_order >> 24), static_cast<uint8_t>(host_order >> 16),
              static_cast<uint8_t>(host_order >> 8), static_cast<uint8_t>(host_order));
}

IpAddress IpAddress::v6(std::span<const uint8_t, 16> network_order) {
    IpAddress address;
    address.family = Family::v6;
    std::ranges::copy(network_order, address.bytes.begin());
    return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    IpAddress address;
    if (parse_v4(text, std::span(address.bytes).first<4>())) return address;
    address.bytes = {};
    address.family = Family::v6;
    if (parse_v6(text, address.bytes)) return address;
    return std::nullopt;
}

uint32_t IpAddress::v4_host_order() const {
    return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

bool IpAddress::is_unspecified() const {
    return std::ranges::all_of(network_bytes(), [](uint8_t byte) { return byte == 0; });
}

std::span<const uint8_t> IpAddress::network_bytes() const {
    return std::span(bytes).first(is_v4() ? 4 : 16);
}

FixedText<39> IpAddress::text() const {
    std::array<char, 39> storage;
    const char* end =
        is_v4() ? write_v4(bytes.data(), storage.data()) : write_v6(bytes, storage.data());
    FixedText<39> text;
    text.assign({storage.data(), end});
    return text;
}

std::optional<IpPrefix> IpPrefix::parse(std::string_view text) {
    const size_t slash = text.find('/');
    if (slash == text.npos) return std::nullopt;
    const auto address = IpAddress::parse(text.substr(0, slash));
    const auto length = parse_number<uint8_t>(text.substr(slash + 1));
    if (!address || !length || *length > (address->is_v4() ? 32 : 128)) return std::nullopt;
    return IpPrefix{*address, *length};
}

bool IpPrefix::contains(const IpAddress& other) const {
    if (other.family != address.family) return false;
    const auto mine = address.network_bytes();
    const auto theirs = other.network_bytes();
    const size_t whole = std::min<size_t>(length / 8, mine.size());
    if (!std::equal(mine.begin(), mine.begin() + static_cast<ptrdiff_t>(whole), theirs.begin())) {
        return false;
    }
    const unsigned rest = length % 8;
    if (rest == 0 || whole == mine.size()) return true;
    const auto mask = static_cast<uint8_t>(0xff << (8 - rest));
    return (mine[whole] & mask) == (theirs[whole] & mask);
}

std::string IpPrefix::to_string() const {
    return address.to_string() + "/" + std::to_string(length);
}

std::optional<uint8_t> prefix_length_of_netmask(const IpAddress& netmask) {
    const uint32_t mask = netmask.v4_host_order();
    const int ones = std::countl_one(mask);
    if (std::popcount(mask) != ones) return std::nullopt;
    return static_cast<uint8_t>(ones);
}

uint8_t classful_prefix_length(const IpAddress& address) {
    if (address.bytes[0] < 128) return 8;
    return address.bytes[0] < 192 ? 16 : 24;
}

std::string Endpoint::to_string() const {
    const std::string host = address.to_string();
    return (address.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
    if (text.size() != 17) return std::nullopt;
    MacAddress mac;
    for (size_t i = 0; i < 6; ++i) {
        if (i > 0 && text[i * 3 - 1] != ':' && text[i * 3 - 1] != '-') return std::nullopt;
        const auto byte = parse_number<uint8_t>(text.substr(i * 3, 2), 16);
        if (!byte) return std::nullopt;
        mac.bytes[i] = *byte;
    }
    return mac;
}

FixedText<17> MacAddress::text() const {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<char, 17> storage;
    storage.fill(':');
    for (size_t i = 0; i < bytes.size(); ++i) {
        storage[3 * i] = digits[bytes[i] >> 4];
        storage[3 * i + 1] = digits[bytes[i] & 15];
    }
    FixedText<17> text;
    text.assign({storage.data(), storage.size()});
    return text;
}

}  // namespace bootwire
