#include "disk/traffic.h"

#include "base/text.h"

namespace bootwire::disk {

namespace {

constexpr uint64_t kSector = 512;
constexpr size_t kSectorsRead = 2, kSectorsWritten = 6;  // fields of the text, from 0

}  // namespace

std::optional<Traffic> parse_traffic(std::string_view stat) {
    const auto fields = split_words(stat);
    if (fields.size() <= kSectorsWritten) return std::nullopt;
    const auto read = parse_number<uint64_t>(fields[kSectorsRead]);
    const auto written = parse_number<uint64_t>(fields[kSectorsWritten]);
    if (!read || !written) return std::nullopt;
    return Traffic{*read * kSector, *written * kSector};
}

}  // namespace bootwire::disk
