// What kernels and initramfs archives are compressed with.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace bootwire::kexec {

enum class Compression { none, gzip, zstd, xz, lz4, lzma, lzo, bzip2 };
std::string_view to_string(Compression compression);

/// By the first bytes; none if they are no known beginning.
Compression recognise_compression(Bytes head);

/// Takes what was unpacked, piece by piece. Its error ends the unpacking.
using Sink = std::function<Status(Bytes)>;

/// Unpacks the one compressed stream that the bytes begin with; what follows it is left alone.
/// Returns the stream's length in bytes. An error if it is damaged or cut off, or compressed with
/// something else than gzip and zstd.
Result<size_t> decompress(Bytes packed, const Sink& sink);
/// The same, into memory. An error too if that is more than `largest` bytes.
Result<std::string> unpack(Bytes packed, size_t largest);

}  // namespace bootwire::kexec
