// An update of the bootloader as a board takes it from its card or its TFTP folder: pieeprom.upd
// and pieeprom.sig; and which image may be put on which board. Source: rpi-eeprom-update and
// rpi-eeprom-digest of github.com/raspberrypi/rpi-eeprom.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "eeprom/filters.h"
#include "eeprom/image.h"

namespace bootwire::eeprom {

/// The chip by a revision code; nothing for boards without such an EEPROM.
std::optional<Chip> chip_of(uint32_t revision);

/// What a board tells of its bootloader, most of it in the device tree under /chosen/bootloader.
struct RunningBootloader {
    uint32_t revision = 0;           ///< the board's revision code
    std::string serial = {};         ///< hexadecimal digits; may be empty
    uint32_t built = 0;              ///< build-timestamp; 0: it does not say, as the first ones
    uint32_t updated = 0;            ///< update-timestamp; 0: never
    uint32_t least_manufacture = 0;  ///< /chosen/rpi-min-boot-ver; 0: any
    uint32_t signed_boot = 0;        ///< signed: bits, any of which says that images are signed
    std::string configuration = {};  ///< of the running bootloader (blconfig)

    Board board() const;
};

/// Whether the board takes an update from its card at all: a reason for a person, if not. (Its
/// write protection is not known beforehand.)
Status takes_update(const RunningBootloader& running);
/// Whether this image may replace what runs there: of the board's chip, not older, not below the
/// board's least version, not signed, and no other version where the owner has frozen it.
Status may_replace(const Image& image, const RunningBootloader& running);

/// The folders of a copy of the rpi-eeprom repository in which this board's images are, best first:
/// "firmware-2711/default-c03111", then "firmware-2711/default".
std::vector<std::string> image_folders(uint32_t revision);
/// The newest pieeprom-YYYY-MM-DD.bin among the names; nothing if there is none.
std::optional<std::string> newest_image(std::span<const std::string> names);

/// The text that goes into the new image: the running one, or the image's own where that has no
/// setting at all.
std::string_view configuration_to_keep(std::string_view running, std::string_view of_image);
/// The time of an update: now, but later than the last one, which a bootloader asks for; a board
/// without a clock has nothing better. At most what 32 bits hold.
uint32_t next_update_time(uint64_t now, uint32_t last);

/// pieeprom.sig: three lines. SHA-256 is against damage, not against anybody.
struct Signature {
    std::string sha256;                 ///< of the image, 64 hexadecimal digits
    std::optional<uint32_t> time = {};  ///< seconds since 1970
    std::string target = {};            ///< "2711"; empty: the file does not say
    bool has_rsa = false;               ///< and a signature, which is not read here
};
std::string signature_text(const Image& image, uint32_t time);
/// An error if the first line is no SHA-256, or another one has an unreadable value.
Result<Signature> parse_signature(std::string_view text);
/// Whether the file goes with the image.
Status matches(const Signature& signature, const Image& image);

struct Update {
    std::vector<uint8_t> image;  ///< pieeprom.upd
    std::string signature;       ///< pieeprom.sig
};
/// The image with this configuration, both marked with the time. An error if the image is signed by
/// an owner, is not understood, or has no room.
Result<Update> prepare_update(Image image, std::string_view configuration, uint32_t time);

}  // namespace bootwire::eeprom
