// How much has been read from a disk and written to it, as the kernel counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "os/fd.h"

namespace bootwire::block {

/// Since the disk is there.
struct Counters {
    uint64_t reads = 0;  ///< requests that are done
    uint64_t read_bytes = 0;
    uint64_t writes = 0;
    uint64_t written_bytes = 0;
    uint64_t in_flight = 0;  ///< requests that wait for an answer now

    bool operator==(const Counters&) const = default;
};

/// Of the text in /sys/block/NAME/stat (Documentation/block/stat.rst), whose sectors have 512 bytes
/// whatever the disk's own have. Nothing for any other text.
std::optional<Counters> parse_counters(std::string_view stat);
/// Of that file, opened once: for whoever has no path to it any more.
std::optional<Counters> read_counters(const Fd& stat);

}  // namespace bootwire::block
