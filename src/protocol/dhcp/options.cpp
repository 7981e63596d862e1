#include <algorithm>

#include "dhcp/message.h"

namespace bootwire::dhcp {

namespace {

constexpr size_t max_addresses = 16;

}  // namespace

void Options::add(uint8_t code, Bytes value) {
    if (code == option::pad || code == option::end) return;
    auto place = std::ranges::find(options_, code, &Option::code);
    if (place == options_.end()) place = options_.insert(place, {code, {}});
    place->value.insert(place->value.end(), value.begin(), value.end());
}

void Options::add_u16(uint8_t code, uint16_t value) {
    uint8_t bytes[2];
    store_be16(bytes, value);
    add(code, bytes);
}

void Options::add_text(uint8_t code, std::string_view text) {
    add(code, bytes_of(text));
}

void Options::add_address(uint8_t code, const IpAddress& address) {
    add(code, address.network_bytes());
}

std::optional<Bytes> Options::find(uint8_t code) const {
    const auto place = std::ranges::find(options_, code, &Option::code);
    if (place == options_.end()) return std::nullopt;
    return Bytes(place->value);
}

std::optional<uint8_t> Options::u8(uint8_t code) const {
    return Reader(find(code).value_or(Bytes{})).u8();
}

std::optional<uint16_t> Options::u16(uint8_t code) const {
    return Reader(find(code).value_or(Bytes{})).be16();
}

std::optional<uint32_t> Options::u32(uint8_t code) const {
    return Reader(find(code).value_or(Bytes{})).be32();
}

std::optional<IpAddress> Options::address(uint8_t code) const {
    const auto number = u32(code);
    if (!number) return std::nullopt;
    return IpAddress::v4(*number);
}

std::vector<IpAddress> Options::addresses(uint8_t code) const {
    std::vector<IpAddress> list;
    Reader reader(find(code).value_or(Bytes{}));
    while (const auto number = reader.be32()) {
        if (*number != 0) list.push_back(IpAddress::v4(*number));
        if (list.size() == max_addresses) break;
    }
    return list;
}

std::string Options::text(uint8_t code) const {
    const Bytes value = find(code).value_or(Bytes{});
    std::string text(value.begin(), value.end());
    text.erase(text.find_last_not_of('\0') + 1);
    return text;
}

}  // namespace bootwire::dhcp
