// Images of the shapes that Raspberry Pi publishes, with nothing of theirs in them.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "eeprom/image.h"
#include "eeprom/sha256.h"

namespace bootwire::eeprom {

inline constexpr std::string_view usual_text = "[all]\nBOOT_UART=1\nBOOT_ORDER=0xf461\nPSU=1\n";
inline constexpr size_t partition_a = 0x10000;
inline constexpr size_t partition_b = 0x107000;

/// Sections one behind the other, in flash that is erased otherwise.
class ImageMaker {
  public:
    explicit ImageMaker(size_t size) : bytes(size, 0xff) {}

    ImageMaker& add(Kind kind, std::string_view content) {
        store_be32(&bytes[at], static_cast<uint32_t>(kind));
        store_be32(&bytes[at + 4], static_cast<uint32_t>(content.size()));
        std::ranges::copy(bytes_of(content), &bytes[at + 8]);
        at = (at + 8 + content.size() + 7) & ~size_t{7};
        return *this;
    }
    ImageMaker& file(std::string_view name, std::string_view content, Kind kind = Kind::file) {
        std::string field(name);
        field.resize(16, '\0');
        return add(kind, field + std::string(content));
    }
    /// A file with the SHA-256 of `unpacked` behind it.
    ImageMaker& packed(std::string_view name, std::string_view content, std::string_view unpacked,
                       Kind kind = Kind::lz4_file) {
        const Sha256 sum = sha256(bytes_of(unpacked));
        return file(name, std::string(content) + std::string(text_of(sum)), kind);
    }
    ImageMaker& pad_to(size_t offset) {
        return add(Kind::padding, std::string(offset - at - 8, '\xff'));
    }
    Image image() const { return *Image::parse(bytes); }

    std::vector<uint8_t> bytes;
    size_t at = 0;
};

/// An LZ4 frame with one block that is not packed.
inline std::string lz4_frame(std::string_view content) {
    std::string frame("\x04\x22\x4d\x18\x60\x40\x82", 7);
    const auto put = [&](uint32_t word) {
        for (int shift = 0; shift < 32; shift += 8)
            frame += static_cast<char>(word >> shift & 0xff);
    };
    put(static_cast<uint32_t>(content.size()) | 1U << 31);
    frame += content;
    put(0);
    return frame;
}

inline std::string code(std::string_view built = "1770000000") {
    return std::string(200, '\0') + "BUILD_TIMESTAMP=" + std::string(built) + '\0' +
           "VERSION:0123abcd" + '\0' + "MFG_VER: 1" + std::string(30, '\0');
}

/// What may be signed, empty, and the configuration, each on a page of its own.
inline void add_changeable(ImageMaker& maker, size_t offset, std::string_view text) {
    maker.pad_to(offset).file("pubkey.bin", std::string(512, '\0'));
    maker.pad_to(offset + 0x1000).file("bootconf.sig", std::string(1024, '\0'));
    maker.pad_to(offset + 0x2000).file("bootconf.txt", text);
}

/// For the 2711, with the configuration as the last section at this place.
inline ImageMaker image_2711(std::string_view text = usual_text, size_t offset = 0x50000) {
    ImageMaker maker(512 * 1024);
    maker.add(Kind::code, code()).packed("bootmain", lz4_frame("main"), "main");
    add_changeable(maker, offset - 0x2000, text);
    return maker;
}

/// For the 2712, as until 2026.
inline ImageMaker image_2712(std::string_view text = usual_text) {
    ImageMaker maker(2 * 1024 * 1024);
    maker.add(Kind::code, code()).packed("bootmain", lz4_frame("main"), "main");
    add_changeable(maker, 0x9c000, text);
    return maker;
}

/// For the 2712, as since May 2026; the second partition is free.
inline ImageMaker image_with_two_partitions(std::string_view text = usual_text) {
    const std::string never("\0\0\0\0\xff\xff\xff\xff", 8);
    ImageMaker maker(2 * 1024 * 1024);
    maker.add(Kind::code, code()).file("updatetime", never).pad_to(partition_a);
    maker.file("bootsys", "system").packed("bootmain", lz4_frame("main"), "main");
    maker.file("updatetime", never);
    add_changeable(maker, 0xa1000, text);
    maker.pad_to(partition_b).pad_to(0x1fe000);
    return maker;
}

}  // namespace bootwire::eeprom
