#include "kexec/kernel_image.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "kexec/decompress.h"

namespace bootwire::kexec {

namespace {

constexpr size_t header_size = 64;
constexpr uint32_t image_magic = 0x644d5241;    // "ARM\x64" at 56
constexpr uint32_t z_image_magic = 0x016f2818;  // at 0x24
constexpr uint32_t u_image_magic = 0x27051956;  // big-endian, at 0

bool has(Bytes bytes, size_t offset, std::string_view text) {
    return bytes.size() >= offset + text.size() &&
           std::equal(text.begin(), text.end(), bytes.begin() + static_cast<ptrdiff_t>(offset),
                      [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; });
}

/// What a file is that is no arm64 Image; it holds at least a header.
std::string other_kind(Bytes file) {
    if (load_le32(&file[0x24]) == z_image_magic) return "is a kernel for 32-bit ARM";
    if (load_be32(&file[0]) == u_image_magic) return "is a uImage of U-Boot";
    if (has(file, 0,
            "\x7f"
            "ELF")) {
        return "is an ELF file, not the Image that is made from it";
    }
    if (has(file, 0x202, "HdrS")) return "is a kernel for PCs";
    if (has(file, 0, "MZ")) return "is an EFI program, but no kernel for 64-bit ARM";
    if (has(file, 0, "hsqs") || has(file, 0, "070701")) return "is no kernel, but an initramfs";
    return "is no kernel that a 64-bit ARM can start";
}

/// Where the sections that the image's EFI header lists end in the file; nothing without one.
std::optional<uint64_t> end_of_sections(Bytes image) {
    const size_t pe = load_le32(&image[60]);
    if (!has(image, 0, "MZ") || pe == 0 || pe > image.size() || !has(image, pe, {"PE\0\0", 4}) ||
        image.size() - pe < 24) {
        return std::nullopt;
    }
    const size_t count = load_le16(&image[pe + 6]);
    const size_t table = pe + 24 + load_le16(&image[pe + 20]);
    uint64_t end = 0;
    for (size_t i = 0; i < std::min<size_t>(count, 32); ++i) {
        const size_t section = table + i * 40;
        if (section + 40 > image.size()) return std::nullopt;
        const uint64_t raw_size = load_le32(&image[section + 16]);
        const uint64_t raw_offset = load_le32(&image[section + 20]);
        if (raw_size > 0) end = std::max(end, raw_offset + raw_size);
    }
    return end;
}

/// The compressed part of an EFI zboot image; nothing if the file is none.
Result<std::optional<Bytes>> zboot_payload(Bytes file) {
    if (file.size() < header_size || !has(file, 0, "MZ") || !has(file, 4, "zimg")) {
        return std::nullopt;
    }
    const uint64_t offset = load_le32(&file[8]), size = load_le32(&file[12]);
    if (offset + size > file.size()) return fail("ends in the middle of its compressed data");
    return file.subspan(offset, size);
}

Result<KernelImage> unpack_any(std::string file, size_t largest) {
    KernelImage kernel;
    const auto payload = zboot_payload(bytes_of(file));
    if (!payload) return std::unexpected(payload.error());
    const Bytes packed = payload->value_or(bytes_of(file));
    if (*payload || recognise_compression(packed) != Compression::none) {
        auto image = unpack(packed, largest);
        if (!image) return std::unexpected(image.error());
        kernel.packing = to_string(recognise_compression(packed));
        if (*payload) kernel.packing += " in an EFI zboot image";
        file = std::move(*image);
    }
    const auto header = read_image_header(bytes_of(file));
    if (!header) return std::unexpected(header.error());
    kernel.header = *header;
    kernel.bytes = std::move(file);
    return kernel;
}

}  // namespace

Result<ImageHeader> read_image_header(Bytes image) {
    if (image.size() < header_size) {
        return fail(image.empty() ? "is empty" : "is too short to be a kernel");
    }
    if (load_le32(&image[56]) != image_magic) return fail(other_kind(image));
    ImageHeader header;
    header.text_offset = load_le64(&image[8]);
    header.image_size = load_le64(&image[16]);
    const uint64_t flags = load_le64(&image[24]);
    constexpr uint32_t page_sizes[] = {0, 4096, 16384, 65536};
    header.page_size = page_sizes[(flags >> 1) & 3];
    if ((flags & 1) != 0) return fail("is a big-endian kernel, which no Raspberry Pi runs");
    if (header.image_size == 0) return fail("is a kernel older than Linux 3.17");
    if (header.image_size > largest_image) return fail("says that it needs impossibly much memory");
    if (const auto end = end_of_sections(image); end && *end > image.size()) {
        return fail("is cut off: " + std::to_string(image.size()) + " of " + std::to_string(*end) +
                        " bytes are there",
                    "copy the file to the disk again");
    }
    return header;
}

Result<KernelImage> unpack_kernel(std::string file, const std::string& name, size_t largest) {
    auto kernel = unpack_any(std::move(file), largest);
    if (kernel) return kernel;
    Error error = kernel.error();
    error.what = "the kernel " + printable(name, 120) + " " + error.what;
    if (error.hint.empty()) error.hint = "put a kernel for arm64 there";
    return std::unexpected(std::move(error));
}

}  // namespace bootwire::kexec
