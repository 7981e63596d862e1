#include "disk/partition_table.h"

#include <cstdio>

#include "disk/gpt.h"
#include "disk/mbr.h"

namespace bootwire::disk {

std::string_view to_string(TableKind kind) {
    switch (kind) {
        case TableKind::none:
            return "no partition table";
        case TableKind::mbr:
            return "MBR";
        case TableKind::gpt:
            return "GPT";
    }
    return {};
}

std::string guid_text(const uint8_t* guid) {
    char text[37];
    std::snprintf(text, sizeof text, "%08x-%04x-%04x-%04x-%04x%08x", load_le32(guid),
                  load_le16(guid + 4), load_le16(guid + 6), load_be16(guid + 8),
                  load_be16(guid + 10), load_be32(guid + 12));
    return text;
}

Result<PartitionTable> read_partition_table(const storage::BlockSource& disk) {
    PartitionTable table;
    if (disk.block_size() < 512 || disk.size() < disk.block_size()) return table;
    std::vector<uint8_t> first(512);
    if (auto status = disk.read(0, first); !status) return std::unexpected(status.error());
    const auto sector = BootSector::parse(first);
    if (!sector) return table;
    Status status;
    if (sector->is_protective()) {
        status = read_gpt(disk, table);
    } else if (sector->is_partition_table()) {
        status = read_mbr(disk, *sector, table);
    }
    if (!status) return std::unexpected(status.error());
    return table;
}

}  // namespace bootwire::disk
