// A kernel file as it lies on a disk, and the raw arm64 Image that kexec starts.
// Source: the kernel's Documentation/arch/arm64/booting.rst and
// drivers/firmware/efi/libstub/zboot-header.S.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/error.h"

namespace bootwire::kexec {

struct ImageHeader {
    uint64_t text_offset = 0;  ///< bytes from a 2 MiB boundary
    uint64_t image_size = 0;   ///< bytes in memory, more than the file's: not 0
    uint32_t page_size = 0;    ///< 4096, 16384, 65536; 0: not said
};

/// Errors say what it is instead, without the file's name: "is a 32-bit kernel".
Result<ImageHeader> read_image_header(Bytes image);

constexpr size_t largest_image = 256 << 20;

struct KernelImage {
    std::string bytes;  ///< the raw Image
    ImageHeader header;
    std::string packing;  ///< "gzip", "zstd in an EFI zboot image"; empty: it was raw
};

/// Takes an Image, raw, in gzip or zstd, or in an EFI zboot image of these. name: for messages,
/// which are whole sentences. largest: bytes that an unpacked kernel may have.
Result<KernelImage> unpack_kernel(std::string file, const std::string& name,
                                  size_t largest = largest_image);

}  // namespace bootwire::kexec
