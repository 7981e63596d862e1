#include "bootloader/wishes.h"

#include "eeprom/config.h"

namespace bootwire::bootloader {

namespace {

using What = eeprom::OrderWish::What;

Result<std::string> with_order(const std::string& text, const eeprom::OrderWish& wish,
                               const eeprom::Board& board) {
    switch (wish.what) {
        case What::keep:
            return text;
        case What::add_network:
            return eeprom::add_network(text, board);
        case What::set:
            break;
    }
    const auto now = eeprom::value_of(text, eeprom::boot_order_key, board);
    if (now && now->certain) {
        const auto order = eeprom::parse_boot_order(now->text);
        if (order && *order == wish.order) return text;
    }
    return eeprom::set(text, eeprom::boot_order_key, eeprom::boot_order_text(wish.order), board);
}

Result<std::string> with_value(const std::string& text, std::string_view key,
                               std::string_view value, const eeprom::Board& board) {
    const auto now = eeprom::value_of(text, key, board);
    if (now && now->certain && now->text == value) return text;
    if (!now && value == "0") return text;
    return eeprom::set(text, key, value, board);
}

/// TFTP_PREFIX: 0 the serial number, which holds where nothing is said, 1 TFTP_PREFIX_STR, 2 the
/// MAC address.
Result<std::string> with_prefix(const std::string& text,
                                const std::optional<plan::TftpPrefix>& wish,
                                const eeprom::Board& board) {
    if (!wish) return text;
    switch (*wish) {
        case plan::TftpPrefix::serial:
            return with_value(text, "TFTP_PREFIX", "0", board);
        case plan::TftpPrefix::mac:
            return with_value(text, "TFTP_PREFIX", "2", board);
        case plan::TftpPrefix::none:
            break;
    }
    auto changed = with_value(text, "TFTP_PREFIX", "1", board);
    return changed ? with_value(*changed, "TFTP_PREFIX_STR", "", board) : changed;
}

}  // namespace

Result<std::string> wanted_configuration(const eeprom::RunningBootloader& running,
                                         const plan::BootloaderWishes& wishes) {
    const eeprom::Board board = running.board();
    auto changed = with_order(running.configuration, wishes.order.value, board);
    return changed ? with_prefix(*changed, wishes.tftp_prefix.value, board) : changed;
}

std::string order_in_words(const eeprom::RunningBootloader& running) {
    const auto value =
        eeprom::value_of(running.configuration, eeprom::boot_order_key, running.board());
    const auto order = eeprom::parse_boot_order(value ? value->text : std::string_view());
    if (!order) return "has a BOOT_ORDER that cannot be read";
    return "boots from " + eeprom::boot_order_in_words(*order) + " (" +
           eeprom::boot_order_text(*order) + ")";
}

}  // namespace bootwire::bootloader
