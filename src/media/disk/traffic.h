// How much has been read from a disk and written to it, as the kernel counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bootwire::disk {

struct Traffic {
    uint64_t read = 0;     ///< bytes, since the disk is there
    uint64_t written = 0;  ///< bytes

    bool operator==(const Traffic&) const = default;
};

/// Of the text in /sys/class/block/NAME/stat (Documentation/block/stat.rst): sectors of 512 bytes
/// in the third and seventh field. Nothing for any other text.
std::optional<Traffic> parse_traffic(std::string_view stat);

}  // namespace bootwire::disk
