// The MBR and the chain of logical partitions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "disk/partition_table.h"

namespace bootwire::disk {

struct MbrEntry {
    uint8_t boot_indicator = 0;  ///< 0 or 0x80
    uint8_t type = 0;
    uint32_t start = 0;  ///< logical blocks; the kind of entry says from where they count
    uint32_t count = 0;  ///< logical blocks; 0: unused

    bool is_extended() const { return type == 0x05 || type == 0x0f || type == 0x85; }
};

/// The first 512 bytes of a disk or of a link of the chain.
struct BootSector {
    static constexpr size_t entries_offset = 446;
    static constexpr size_t entry_size = 16;

    uint32_t disk_signature = 0;
    std::array<MbrEntry, 4> entries;

    /// Nothing without the mark 55 aa at its end. bytes: at least 512.
    static std::optional<BootSector> parse(Bytes bytes);

    /// Does one of its entries say that there is a GPT, in a way that Linux believes?
    bool is_protective() const;
    /// Can its four entries be a partition table's? A FAT boot sector ends in 55 aa, too.
    bool is_partition_table() const;
};

/// table: gets what the boot sector and the chain behind its extended partition say.
Status read_mbr(const storage::BlockSource& disk, const BootSector& sector, PartitionTable& table);

}  // namespace bootwire::disk
