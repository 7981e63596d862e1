#include "disk/mbr.h"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace bootwire::disk {

namespace {

/// Links without a partition in between, until Linux takes the chain for a loop.
constexpr int max_empty_links = 100;

std::string hex(const char* format, unsigned value) {
    char text[16];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

class MbrReader {
  public:
    MbrReader(const storage::BlockSource& disk, const BootSector& sector, PartitionTable& table)
        : disk_(disk), sector_(sector), table_(table) {}

    Status read() {
        table_.kind = TableKind::mbr;
        table_.disk_id = hex("%08x", sector_.disk_signature);
        for (unsigned i = 0; i < 4; ++i) {
            const MbrEntry& entry = sector_.entries[i];
            if (entry.count == 0) continue;
            add(entry, entry.start, i + 1);
        }
        for (const MbrEntry& entry : sector_.entries) {
            if (entry.count == 0 || !entry.is_extended()) continue;
            if (auto status = follow_chain(entry.start, entry.count); !status) return status;
        }
        return {};
    }

  private:
    /// start: logical blocks from the disk's start.
    void add(const MbrEntry& entry, uint64_t start, unsigned number) {
        Partition partition;
        partition.number = number;
        // No overflow: numbers of blocks have 33 bits at most, blocks 13.
        partition.start = start * disk_.block_size();
        partition.size = uint64_t{entry.count} * disk_.block_size();
        partition.type = hex("0x%02x", entry.type);
        partition.part_uuid = table_.disk_id + hex("-%02x", number);
        partition.extended = entry.is_extended();
        partition.logical = number > 4;
        if (partition.start >= disk_.size()) {
            table_.notes.push_back("partition " + std::to_string(number) +
                                   " begins behind the disk's end and is left out");
            return;
        }
        if (partition.size > disk_.size() - partition.start) {
            partition.size = disk_.size() - partition.start;
            table_.notes.push_back("partition " + std::to_string(number) +
                                   " reaches beyond the disk's end");
        }
        table_.partitions.push_back(std::move(partition));
    }

    /// As parse_extended() of block/partitions/msdos.c.
    Status follow_chain(uint64_t first, uint64_t first_count) {
        uint64_t link = first;
        uint64_t link_count = first_count;
        std::vector<uint8_t> block(512);
        for (int empty = 1; empty <= max_empty_links && next_number_ < max_partitions; ++empty) {
            const uint64_t offset = link * disk_.block_size();
            if (offset >= disk_.size() || disk_.size() - offset < block.size()) {
                table_.notes.push_back("the chain of logical partitions leaves the disk");
                return {};
            }
            if (auto status = disk_.read(offset, block); !status) return status;
            const auto sector = BootSector::parse(block);
            if (!sector) return {};
            for (unsigned i = 0; i < 4 && next_number_ < max_partitions; ++i) {
                const MbrEntry& entry = sector->entries[i];
                if (entry.count == 0 || entry.is_extended()) continue;
                const uint64_t start = link + entry.start;
                // Entries 3 and 4 may hold garbage.
                const bool inside = uint64_t{entry.start} + entry.count <= link_count &&
                                    start >= first && start + entry.count <= first + first_count;
                if (i >= 2 && !inside) continue;
                add(entry, start, next_number_++);
                empty = 0;
            }
            const auto next = std::ranges::find_if(sector->entries, [](const MbrEntry& entry) {
                return entry.count != 0 && entry.is_extended();
            });
            if (next == sector->entries.end()) return {};
            link = first + next->start;
            link_count = next->count;
        }
        return {};
    }

    const storage::BlockSource& disk_;
    const BootSector& sector_;
    PartitionTable& table_;
    unsigned next_number_ = 5;
};

}  // namespace

std::optional<BootSector> BootSector::parse(Bytes bytes) {
    if (bytes.size() < 512 || bytes[510] != 0x55 || bytes[511] != 0xaa) return std::nullopt;
    BootSector sector;
    sector.disk_signature = load_le32(bytes.data() + 440);
    for (size_t i = 0; i < 4; ++i) {
        const uint8_t* entry = bytes.data() + entries_offset + i * entry_size;
        sector.entries[i] = {entry[0], entry[4], load_le32(entry + 8), load_le32(entry + 12)};
    }
    return sector;
}

bool BootSector::is_protective() const {
    return std::ranges::any_of(
        entries, [](const MbrEntry& entry) { return entry.type == 0xee && entry.start == 1; });
}

bool BootSector::is_partition_table() const {
    const bool valid = std::ranges::all_of(entries, [](const MbrEntry& entry) {
        return entry.boot_indicator == 0 || entry.boot_indicator == 0x80;
    });
    const bool used =
        std::ranges::any_of(entries, [](const MbrEntry& entry) { return entry.count != 0; });
    return valid && used;
}

Status read_mbr(const storage::BlockSource& disk, const BootSector& sector, PartitionTable& table) {
    return MbrReader(disk, sector, table).read();
}

}  // namespace bootwire::disk
