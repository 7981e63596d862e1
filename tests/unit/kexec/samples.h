// Kernels and archives made by hand, packed by the libraries' own compressors.
#pragma once

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace bootwire::kexec {

inline std::string gzip(const std::string& text) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(packed.size() - stream.avail_out);
    deflateEnd(&stream);
    return packed;
}

inline std::string zstd(const std::string& text) {
    std::string packed(ZSTD_compressBound(text.size()), '\0');
    ZSTD_CCtx* const context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);  // as zstd(1) does
    packed.resize(ZSTD_compress2(context, packed.data(), packed.size(), text.data(), text.size()));
    ZSTD_freeCCtx(context);
    return packed;
}

/// A zstd frame written down block by block (RFC 8878 section 3.1.1): gigabytes of zeros weigh some
/// kilobytes in it, and take no time to pack.
class ZstdFrame {
  public:
    ZstdFrame& add(std::string_view text) {
        blocks_.push_back({text.size(), false, std::string(text)});
        return *this;
    }
    ZstdFrame& add_zeros(uint64_t count) {
        constexpr uint64_t largest_block = 128 << 10;
        for (; count > 0; count -= blocks_.back().size)
            blocks_.push_back({std::min(count, largest_block), true, std::string(1, '\0')});
        return *this;
    }
    std::string finish() const {
        // No checksum, no content size; a window of 128 KiB.
        std::string frame("\x28\xb5\x2f\xfd\x00\x38", 6);
        for (const Block& block : blocks_) {
            const bool is_last = &block == &blocks_.back();
            const uint64_t head = block.size << 3 | (block.is_run ? 2 : 0) | (is_last ? 1 : 0);
            for (const int shift : {0, 8, 16})
                frame += static_cast<char>(head >> shift);
            frame += block.bytes;
        }
        return frame;
    }

  private:
    struct Block {
        uint64_t size;  // unpacked
        bool is_run;
        std::string bytes;
    };
    std::vector<Block> blocks_;
};

struct ImageOptions {
    uint64_t image_size = 0x20000;
    uint64_t flags = 0xa;  // little-endian, 4 KB pages, anywhere
    uint32_t section_end = 0x10000;
};

/// An arm64 Image of 64 KB with an EFI header, as Linux makes them.
inline std::string image(const ImageOptions& options = {}) {
    std::string text(0x10000, '\0');
    for (size_t i = 0x1000; i < text.size(); ++i)
        text[i] = static_cast<char>(i * i >> 5);
    auto* const at = reinterpret_cast<uint8_t*>(text.data());
    text.replace(0, 2, "MZ");
    store_le32(at + 16, static_cast<uint32_t>(options.image_size));
    store_le32(at + 24, static_cast<uint32_t>(options.flags));
    store_le32(at + 56, 0x644d5241);
    store_le32(at + 60, 64);
    text.replace(64, 2, "PE");
    store_le16(at + 64 + 6, 2);     // sections
    store_le16(at + 64 + 20, 160);  // optional header
    uint8_t* const table = at + 64 + 24 + 160;
    store_le32(table + 16, 0x8000);
    store_le32(table + 20, 0x1000);
    store_le32(table + 40 + 16, options.section_end - 0x9000);
    store_le32(table + 40 + 20, 0x9000);
    return text;
}

inline std::string zboot(const std::string& payload, const char* method) {
    std::string text(1024, '\0');
    auto* const at = reinterpret_cast<uint8_t*>(text.data());
    text.replace(0, 2, "MZ");
    text.replace(4, 4, "zimg");
    store_le32(at + 8, 1024);
    store_le32(at + 12, static_cast<uint32_t>(payload.size()));
    text.replace(24, std::string(method).size(), method);
    return text + payload + "tail";
}

}  // namespace bootwire::kexec
