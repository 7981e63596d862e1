// The GUID partition table (UEFI section 5.3).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "disk/partition_table.h"

namespace bootwire::disk {

struct GptHeader {
    static constexpr size_t size = 92;  ///< bytes of the fields; the block's rest is 0
    static constexpr uint32_t entry_size = 128;
    static constexpr uint32_t max_entries = 1024;

    uint64_t my_lba = 0;
    uint64_t alternate_lba = 0;
    uint64_t first_usable_lba = 0;
    uint64_t last_usable_lba = 0;
    std::array<uint8_t, 16> disk_guid{};
    uint64_t entries_lba = 0;
    uint32_t entry_count = 0;
    uint32_t entries_crc = 0;
};

/// One of the two copies of the table, checked.
struct Gpt {
    GptHeader header;
    std::vector<uint8_t> header_block;  ///< one logical block
    std::vector<uint8_t> entries;       ///< entry_count entries
};

/// The copy whose header is in block `lba`; nothing unless its mark, checksums, place and bounds
/// are right. Errors are those of reading.
Result<std::optional<Gpt>> read_gpt_copy(const storage::BlockSource& disk, uint64_t lba);

/// table: gets what the primary copy says, or the backup if the primary is not usable. An error if
/// neither is.
Status read_gpt(const storage::BlockSource& disk, PartitionTable& table);

/// UTF-16, little-endian, up to its end or a 0, as UTF-8; lone surrogates become U+FFFD.
std::string utf16le_to_utf8(Bytes bytes);

}  // namespace bootwire::disk
