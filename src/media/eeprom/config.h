// The text of bootconf.txt: lines KEY=VALUE, filters in brackets, comments. Only what was asked for
// is changed in it; every other byte stays. What stands from a line [config.txt] on belongs to
// config.txt, and is neither read nor changed here.
// Source: raspberrypi.com/documentation, "Raspberry Pi bootloader configuration".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "eeprom/filters.h"

namespace bootwire::eeprom {

/// Bytes of a configuration that is read here; no image has room for as much.
inline constexpr size_t largest_text = 64 * 1024;

struct Setting {
    std::string_view key;
    std::string_view value;  ///< without the blanks around it
    Applies applies{};
    size_t line = 0;  ///< counted from 1
};

/// Every KEY=VALUE of the text, in their order.
std::vector<Setting> settings(std::string_view text, const Board& board);

/// What a key is on the board: of several lines the last one counts.
struct Value {
    std::string_view text;
    bool certain = true;  ///< no line that only may count says something else
};
/// Nothing if no line counts. Of a line that only may count, it is told that it is not certain.
std::optional<Value> value_of(std::string_view text, std::string_view key, const Board& board);

/// Whether the key is, or may be, another number than 0.
bool may_be_on(std::string_view text, std::string_view key, const Board& board);

/// The text with the key set to the value, in whichever way the filters turn out: each line of it
/// that may have the last word is changed where it stands; lines that are for other boards, or that
/// a later one overrules, are not. A key that may be without a line gets one where no filter holds.
/// An error if key or value can't stand in such a file, or if the key may be there several times.
Result<std::string> set(std::string_view text, std::string_view key, std::string_view value,
                        const Board& board);

/// The text with 2 (network) put into BOOT_ORDER behind SD, in the same places; the same text if
/// it is there. An error if an order can't be read, or is full.
Result<std::string> add_network(std::string_view text, const Board& board);

/// rpi-eeprom-update of a booted system carries a configuration of fewer than three lines over to
/// no later version; it is lost then.
bool is_too_short_to_last(std::string_view text);

}  // namespace bootwire::eeprom
