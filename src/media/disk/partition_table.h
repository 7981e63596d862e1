// Partition tables, MBR and GPT, as Linux reads them (block/partitions/msdos.c, efi.c): same
// partitions, same numbers, same PARTUUIDs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "storage/block_source.h"

namespace bootwire::disk {

/// Linux numbers partitions up to this.
constexpr unsigned max_partitions = 256;

enum class TableKind : uint8_t { none, mbr, gpt };
std::string_view to_string(TableKind kind);

struct Partition {
    unsigned number = 0;     ///< as in the device's name, from 1
    uint64_t start = 0;      ///< bytes from the disk's start
    uint64_t size = 0;       ///< bytes; ends within the disk
    std::string type;        ///< "0x83" or a GUID in lower case
    std::string part_uuid;   ///< as in PARTUUID=: "1a2b3c4d-02" or a GUID in lower case
    std::string part_label;  ///< GPT: UTF-8; MBR: empty
    bool extended = false;   ///< MBR: holds the logical partitions and no file system
    bool logical = false;    ///< MBR: from 5 on

    uint64_t end() const { return start + size; }
    bool operator==(const Partition&) const = default;
};

struct PartitionTable {
    TableKind kind = TableKind::none;
    std::string disk_id;                ///< "1a2b3c4d" or a GUID in lower case
    std::vector<Partition> partitions;  ///< by number; unused entries left out
    std::vector<std::string> notes;     ///< what is odd about it, for a person
    bool primary_gpt_usable = true;     ///< false: read from the backup at the disk's end
};

/// TableKind::none, not an error, for a disk without a table (which may be one file system). Errors
/// are those of reading, and a GPT of which neither header is usable.
Result<PartitionTable> read_partition_table(const storage::BlockSource& disk);

/// A GUID as GPT stores it (the first three groups little-endian), as text in lower case.
std::string guid_text(const uint8_t* guid);

}  // namespace bootwire::disk
