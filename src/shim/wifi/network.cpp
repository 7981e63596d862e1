#include "wifi/network.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/text.h"

namespace bootwire::wifi {

namespace {

constexpr size_t psk_digits = 64;
constexpr size_t least_passphrase = 8;
constexpr size_t longest_passphrase = 63;

/// macaddr= of the files of Debian's firmware-brcm80211 and raspi-firmware.
constexpr std::array settings_files_addresses{
    MacAddress{{0xb8, 0x27, 0xeb, 0x74, 0xf2, 0x6c}},  // 43455, 43456
    MacAddress{{0x00, 0x90, 0x4c, 0xc5, 0x12, 0x38}},  // 43430
};

bool is_control(char c) {
    return static_cast<uint8_t>(c) < 0x20 || c == 0x7f;
}

}  // namespace

std::string shown(std::string_view ssid) {
    return '"' + printable(ssid, max_ssid) + '"';
}

bool set_key(Network& network, std::string_view text) {
    if (text.size() == psk_digits && std::ranges::all_of(text, is_hex_digit)) {
        network.psk = plan::Secret(text);
        network.passphrase = {};
        return true;
    }
    if (text.size() < least_passphrase || text.size() > longest_passphrase) return false;
    if (std::ranges::any_of(text, is_control)) return false;
    network.passphrase = plan::Secret(text);
    network.psk = {};
    return true;
}

std::optional<std::string> parse_country(std::string_view text) {
    if (text == "00") return "00";
    if (text.size() != 2 || !std::ranges::all_of(text, is_letter)) return std::nullopt;
    return std::string{to_upper(text[0]), to_upper(text[1])};
}

bool is_from_settings_file(const MacAddress& address) {
    return std::ranges::find(settings_files_addresses, address) != settings_files_addresses.end();
}

}  // namespace bootwire::wifi
