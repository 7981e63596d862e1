// An update of the bootloader that lies on the card: the bootloader's own recovery.bin takes
// pieeprom.upd with pieeprom.sig from there at the next start, and calls itself recovery.000 then.
// An update that is there once is not tried a second time with the same content.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "eeprom/update.h"

namespace bootwire::bootloader {

/// What this board would be given from the card.
struct CardImage {
    std::string name;      ///< "firmware-2711/default/pieeprom-2026-05-26.bin"
    std::string image;     ///< its bytes
    std::string recovery;  ///< recovery.bin of the same folder
};
/// From the folder eeprom of the card, that of this board's revision first. Nothing if the card has
/// none for the board.
Result<std::optional<CardImage>> find_image(const std::string& card, uint32_t revision);

/// What tells an update from another one: the image that it is made of, and the configuration.
std::string content_of(const CardImage& image, std::string_view configuration);

/// The content that was tried last; empty if there is no such note.
std::string tried_content(const std::string& card);

/// What an update has left on the card.
struct Leftovers {
    bool files = false;  ///< of an update that waits, or was carried out
    bool noted = false;  ///< one was tried: tried_content()
    bool any() const { return files || noted; }
};
Leftovers look_for_update(const std::string& card);

/// Puts the update onto the card so that a cut of power at any moment leaves either no update or a
/// whole one: recovery.bin comes last. content: what tried_content() says from then on.
Status put_on_card(const std::string& card, const eeprom::Update& update,
                   const std::string& recovery, const std::string& content);
/// Takes everything of an update from the card, the bootloader would take it again: but for the
/// note of what was tried, if that is to stay.
Status take_from_card(const std::string& card, bool keep_note);

}  // namespace bootwire::bootloader
