#include "kexec/decompress.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace bootwire::kexec {

namespace {

constexpr size_t piece_size = 128 * 1024;

bool begins_with(Bytes bytes, std::string_view magic) {
    return bytes.size() >= magic.size() &&
           std::equal(magic.begin(), magic.end(), bytes.begin(),
                      [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; });
}

std::unexpected<Error> cut_off() {
    return fail("ends in the middle of its compressed data", "copy the file to the disk again");
}

std::unexpected<Error> damaged(const char* reason) {
    return fail("its compressed data is damaged" +
                    (reason != nullptr ? " (" + std::string(reason) + ")" : std::string()),
                "copy the file to the disk again");
}

/// zlib counts its input in unsigned int; so do we.
Result<size_t> inflate_all(z_stream& stream, Bytes packed, const Sink& sink) {
    std::vector<uint8_t> piece(piece_size);
    if (packed.size() > UINT32_MAX) packed = packed.first(UINT32_MAX);
    stream.next_in = const_cast<Bytef*>(packed.data());  // zlib does not write there
    stream.avail_in = static_cast<uInt>(packed.size());
    for (;;) {
        stream.next_out = piece.data();
        stream.avail_out = static_cast<uInt>(piece.size());
        const int result = inflate(&stream, Z_NO_FLUSH);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
            return damaged(stream.msg);
        }
        const size_t unpacked = piece.size() - stream.avail_out;
        if (unpacked > 0) {
            if (auto taken = sink(Bytes(piece).first(unpacked)); !taken) {
                return std::unexpected(taken.error());
            }
        }
        if (result == Z_STREAM_END) return packed.size() - stream.avail_in;
        if (unpacked == 0 && stream.avail_in == 0) return cut_off();
        if (unpacked == 0 && result == Z_BUF_ERROR) return damaged(nullptr);
    }
}

Result<size_t> gunzip(Bytes packed, const Sink& sink) {
    z_stream stream{};
    constexpr int gzip_only = 16 + MAX_WBITS;
    if (inflateInit2(&stream, gzip_only) != Z_OK) return fail("there is no memory to unpack it");
    const auto length = inflate_all(stream, packed, sink);
    inflateEnd(&stream);
    return length;
}

Result<size_t> unzstd(Bytes packed, const Sink& sink) {
    const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                     ZSTD_freeDCtx);
    if (!context) return fail("there is no memory to unpack it");
    // A kernel is compressed with a window of up to 128 MB (zstd -22 --ultra).
    ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, 27);
    std::vector<uint8_t> piece(piece_size);
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    for (;;) {
        ZSTD_outBuffer out{piece.data(), piece.size(), 0};
        const size_t before = in.pos;
        const size_t left = ZSTD_decompressStream(context.get(), &out, &in);
        if (ZSTD_isError(left) != 0) return damaged(ZSTD_getErrorName(left));
        if (out.pos > 0) {
            if (auto taken = sink(Bytes(piece).first(out.pos)); !taken) {
                return std::unexpected(taken.error());
            }
        }
        if (left == 0) return in.pos;
        if (out.pos == 0 && in.pos == before) return cut_off();
    }
}

}  // namespace

std::string_view to_string(Compression compression) {
    switch (compression) {
        case Compression::none:
            return "nothing";
        case Compression::gzip:
            return "gzip";
        case Compression::zstd:
            return "zstd";
        case Compression::xz:
            return "xz";
        case Compression::lz4:
            return "lz4";
        case Compression::lzma:
            return "lzma";
        case Compression::lzo:
            return "lzo";
        case Compression::bzip2:
            return "bzip2";
    }
    return {};
}

Compression recognise_compression(Bytes head) {
    using namespace std::string_view_literals;
    // As the kernel recognises them (lib/decompress.c).
    if (begins_with(head, "\x1f\x8b"sv) || begins_with(head, "\x1f\x9e"sv)) {
        return Compression::gzip;
    }
    if (begins_with(head, "\x28\xb5\x2f\xfd"sv)) return Compression::zstd;
    if (begins_with(head,
                    "\xfd"
                    "7zXZ"sv)) {
        return Compression::xz;
    }
    if (begins_with(head, "\x02\x21\x4c\x18"sv) || begins_with(head, "\x04\x22\x4d\x18"sv)) {
        return Compression::lz4;
    }
    if (begins_with(head, "\x5d\x00\x00"sv)) return Compression::lzma;
    if (begins_with(head, "\x89LZO"sv)) return Compression::lzo;
    if (begins_with(head, "BZh"sv)) return Compression::bzip2;
    return Compression::none;
}

Result<size_t> decompress(Bytes packed, const Sink& sink) {
    const Compression compression = recognise_compression(packed);
    if (compression == Compression::gzip) return gunzip(packed, sink);
    if (compression == Compression::zstd) return unzstd(packed, sink);
    return fail("is compressed with " + std::string(to_string(compression)) +
                    ", which cannot be unpacked here",
                "compress it with gzip or zstd");
}

Result<std::string> unpack(Bytes packed, size_t largest) {
    std::string image;
    const auto length = decompress(packed, [&](Bytes piece) -> Status {
        if (image.size() + piece.size() > largest) {
            return fail("is larger than " + std::to_string(largest >> 20) + " MB unpacked");
        }
        image += text_of(piece);
        return {};
    });
    if (!length) return std::unexpected(length.error());
    return image;
}

}  // namespace bootwire::kexec
