// What an image says of itself: which version of the bootloader it is, and whether it is signed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "eeprom/image.h"

namespace bootwire::eeprom {

/// Found as rpi-eeprom-update finds it: by the words before it, anywhere in the image.
struct Release {
    std::optional<uint32_t> built;  ///< seconds since 1970; versions are compared by it
    std::string version;            ///< of the source, some hexadecimal digits; may be empty
    /// The least version that boards of later revisions want, counted from 1; 0 in older images.
    uint32_t manufacture = 0;
};

Release release_of(const Image& image);

/// By what the image is seen to be signed by its owner, for a sentence ("bootconf.sig has a
/// signature"); nothing if it isn't. (Raspberry Pi's own signature is on every image.) A signed
/// image whose configuration is changed boots nowhere.
std::optional<std::string> owners_signature(const Image& image);

}  // namespace bootwire::eeprom
