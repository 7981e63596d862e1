// The image of a bootloader EEPROM of a Raspberry Pi 4 or 5: a chain of sections, of which one is
// the configuration, bootconf.txt. What is changed here comes out byte for byte as
// rpi-eeprom-config makes it. Source: rpi-eeprom-config of github.com/raspberrypi/rpi-eeprom, and
// its images.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace bootwire::eeprom {

enum class Chip {
    bcm2711,  ///< Raspberry Pi 4, 400, CM4, CM4S: 512 KiB
    bcm2712,  ///< Raspberry Pi 5, 500, CM5: 2 MiB
};
/// "2711", as rpi-eeprom writes it.
std::string_view name_of(Chip chip);

/// The word that a section begins with, big-endian.
enum class Kind : uint32_t {
    code = 0x55aaf00f,         ///< what the boot ROM starts; the first section
    file = 0x55aaf11f,         ///< one that may be changed
    hidden_file = 0x55aaf22f,  ///< with a keyed checksum behind it, which only the bootloader knows
    packed_file = 0x55aaf33f,  ///< packed (unpack.h), with the SHA-256 of what was packed behind it
    lz4_file = 0x55aaf44f,     ///< likewise, as an LZ4 frame
    padding = 0x55aafeef,
};

struct Section {
    Kind kind{};          ///< or another word of that shape: later images may have more kinds
    uint32_t offset = 0;  ///< of its header, a multiple of 8
    uint32_t length = 0;  ///< of what follows the 8 bytes of the header
    std::string name;     ///< of a file
    bool operator==(const Section&) const = default;

    bool has_name() const;
    /// Where the next one begins.
    uint32_t end() const { return (offset + 8 + length + 7) & ~7U; }
};

inline constexpr std::string_view configuration_name = "bootconf.txt";

class Image {
  public:
    /// An error if it is no such image, or damaged: says where. Other images than those below may
    /// be looked at, but not changed.
    static Result<Image> parse(std::vector<uint8_t> bytes);

    Bytes bytes() const { return bytes_; }
    const std::vector<Section>& sections() const { return sections_; }
    Chip chip() const;
    /// The layout of 2026 for the 2712: 64 KiB that are only read, and two partitions, of which an
    /// image has the first one. Whatever is changed lies in that one.
    bool has_two_partitions() const { return two_partitions_; }
    /// Where the chain of sections ends.
    size_t end() const;

    /// What a section has after its header; of a file, after its name.
    Bytes content(const Section& section) const;
    /// The first file of that name; null if there is none.
    const Section* find(std::string_view name) const;

    /// The text of bootconf.txt. An error, with the reason, if this image is none that can be
    /// changed safely: no bootconf.txt or several, one where no bootloader looks for it, partitions
    /// that run into each other.
    Result<std::string_view> configuration() const;
    /// Bytes that bootconf.txt may have in this image; 0 if it cannot be changed. At most 4076, as
    /// rpi-eeprom-config has it, and never into what follows. (That one counts 4 bytes too few for
    /// the header: where less than 4100 bytes are free, it would write as many into the next
    /// section or into the page that the bootloader overwrites.)
    size_t largest_configuration() const;
    /// An error, and nothing changed, if configuration() has one or the text is too long.
    Status replace_configuration(std::string_view text);

    /// When the EEPROM was last updated, in seconds since 1970; nothing if nobody wrote it down.
    std::optional<uint32_t> update_time() const;
    /// An error, and nothing changed, if the image has only one of the two places for it.
    Status set_update_time(uint32_t seconds);

  private:
    Image(std::vector<uint8_t> bytes, std::vector<Section> sections, bool two_partitions);

    Result<size_t> configuration_index() const;
    size_t room_end(size_t index) const;
    const Section* update_time_file(size_t from, size_t to) const;

    std::vector<uint8_t> bytes_;
    std::vector<Section> sections_;
    bool two_partitions_ = false;
};

}  // namespace bootwire::eeprom
