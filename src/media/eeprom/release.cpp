#include "eeprom/release.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "eeprom/config.h"

namespace bootwire::eeprom {

namespace {

/// What follows the words at their first place, as far as it is of such characters.
std::string_view after(const Image& image, std::string_view words, bool (*wanted)(char)) {
    std::string_view text = text_of(image.bytes());
    const size_t found = text.find(words);
    if (found == text.npos) return {};
    text.remove_prefix(found + words.size());
    if (text.starts_with(' ')) text.remove_prefix(1);
    const auto end = std::ranges::find_if_not(text, wanted);
    return text.substr(0, static_cast<size_t>(end - text.begin()));
}

bool is_empty(Bytes content) {
    return std::ranges::all_of(content, [](uint8_t byte) { return byte == 0 || byte == 0xff; });
}

/// Behind the 2712's code are blocks {length before it, key, version, signature, public key}. The
/// outer one is the owner's, if there is one. Source: rpi-sign-bootcode of rpi-eeprom.
bool has_owners_block(Bytes code) {
    constexpr size_t block_size = 3 * 4 + 256 + 264;
    constexpr uint32_t owners_key = 16;
    if (code.size() < block_size) return false;
    const uint8_t* block = &code[code.size() - block_size];
    return load_le32(block) == code.size() - block_size && load_le32(block + 4) == owners_key;
}

}  // namespace

Release release_of(const Image& image) {
    Release release;
    release.built = parse_number<uint32_t>(after(image, "BUILD_TIMESTAMP=", is_digit));
    release.version = after(image, "VERSION:", is_hex_digit).substr(0, 40);
    release.manufacture = parse_number<uint32_t>(after(image, "MFG_VER:", is_digit)).value_or(0);
    return release;
}

std::optional<std::string> owners_signature(const Image& image) {
    for (const Section& section : image.sections()) {
        if (section.kind != Kind::file || is_empty(image.content(section))) continue;
        if (section.name == "bootconf.sig") return "bootconf.sig has a signature";
        if (section.name == "pubkey.bin") return "pubkey.bin has a key";
    }
    const auto text = image.configuration();
    if (text && may_be_on(*text, "SIGNED_BOOT", Board{image.chip(), {}, {}})) {
        return "its configuration says SIGNED_BOOT";
    }
    if (image.chip() == Chip::bcm2712 && has_owners_block(image.content(image.sections().front())))
        return "its code is signed by an owner's key";
    return std::nullopt;
}

}  // namespace bootwire::eeprom
