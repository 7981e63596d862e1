#include "board/boot_rom.h"

#include "base/text.h"
#include "os/file.h"

namespace bootwire::board {

namespace {

constexpr char drivers_devices[] = "/bus/platform/drivers/raspberrypi-firmware";
constexpr char attribute[] = "/otp_boot_mode";
constexpr size_t longest_row = 32;
constexpr uint32_t oscillator_of_every_pi = 1u << 1;  // 19.2 MHz; without it this is no such row
constexpr uint32_t usb_host = 1u << 29;

/// Bits 4 to 11 of a revision code of the newer kind, which bit 23 says.
bool is_3b(const Board& board) {
    constexpr uint32_t newer_kind = 1u << 23, type_3b = 0x08;
    return board.revision && (*board.revision & newer_kind) != 0 &&
           (*board.revision >> 4 & 0xff) == type_3b;
}

}  // namespace

NetworkBoot parse_boot_mode_row(std::string_view text) {
    constexpr std::string_view prefix = "0x";
    text = trim(text);
    if (!text.starts_with(prefix)) return NetworkBoot::unknown;
    const auto row = parse_number<uint32_t>(text.substr(prefix.size()), 16);
    if (!row || (*row & oscillator_of_every_pi) == 0) return NetworkBoot::unknown;
    return (*row & usb_host) != 0 ? NetworkBoot::on : NetworkBoot::off;
}

std::optional<NetworkBoot> network_boot(const Board& board, const std::string& sysfs) {
    if (!is_3b(board)) return std::nullopt;
    const std::string folder = sysfs + drivers_devices;
    for (const std::string& device : names_in(folder)) {
        const auto row = read_file(folder + "/" + device + attribute, longest_row);
        if (row) return parse_boot_mode_row(*row);
    }
    return NetworkBoot::unknown;
}

std::string_view to_string(NetworkBoot state) {
    switch (state) {
        case NetworkBoot::on:
            return "boots from the network without a card";
        case NetworkBoot::off:
            return "boots from the network only with a card (./bootwire sdcard --bootcode makes "
                   "one)";
        case NetworkBoot::unknown:
            break;
    }
    return "does not say whether it boots from the network without a card";
}

}  // namespace bootwire::board
