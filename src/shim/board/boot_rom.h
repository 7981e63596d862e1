// What a Pi 3B's boot ROM starts from, as its chip's one-time programmable memory says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "board/board.h"

namespace bootwire::board {

/// Of a chip's boot ROM: does it look at USB, where a 3B's network is as well?
enum class NetworkBoot : uint8_t {
    unknown,  ///< the firmware does not say
    off,      ///< only with a card that has bootcode.bin
    on,       ///< program_usb_boot_mode=1 was said once; for good
};

/// Of the text that the kernel has of row 17 (kernel/patches/0004), "0x3020000a\n". Source:
/// Raspberry Pi's documentation, "OTP register and bit definitions".
NetworkBoot parse_boot_mode_row(std::string_view text);

/// Of this board. Nothing where no row says so: on other boards than a 3B. sysfs: where it is
/// mounted; root alone is told.
std::optional<NetworkBoot> network_boot(const Board& board, const std::string& sysfs = "/sys");

/// As a sentence for who asks what the board can do.
std::string_view to_string(NetworkBoot state);

}  // namespace bootwire::board
