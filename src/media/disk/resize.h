// Growing the last partition to the disk's end: the first half of a Raspberry Pi OS's first boot.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "disk/partition_table.h"
#include "storage/block_source.h"

namespace bootwire::disk {

/// Bytes at a place of the disk.
struct TablePiece {
    std::string name;     ///< "MBR", "GPT-header"…; fit for a file name
    uint64_t offset = 0;  ///< bytes
    std::vector<uint8_t> bytes;
};

struct Growth {
    Partition before;
    uint64_t new_size = 0;           ///< bytes
    std::vector<TablePiece> writes;  ///< in the order in which a power cut does the least harm
    std::vector<TablePiece> old;     ///< the table before: all pieces, to be kept by the caller

    /// "partition 2 grows from 2.4 GiB to 15.5 GiB".
    std::string to_string() const;
};

/// Bytes. A grown partition ends at a multiple of this, as partitioning tools have it; a growth of
/// less is not worth it.
constexpr uint64_t growth_alignment = 1024 * 1024;

/// Computes the table in which the last partition reaches the disk's end. Nothing if it does
/// already. An error, and nothing is to be written, where it isn't safe: no table, a last partition
/// that is logical or extended or is not `root_number`, partitions that overlap, a damaged or a
/// hybrid GPT. Before it returns, the new table has been parsed and compared.
Result<std::optional<Growth>> plan_growth(const storage::BlockSource& disk, unsigned root_number);

}  // namespace bootwire::disk
