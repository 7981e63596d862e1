#include "disk/resize.h"

#include <algorithm>

#include "disk/crc32.h"
#include "disk/gpt.h"
#include "disk/layout.h"
#include "disk/mbr.h"

namespace bootwire::disk {

namespace {

/// The disk as it will be: the pieces to be written lie over what is there.
class Preview : public storage::BlockSource {
  public:
    Preview(const storage::BlockSource& disk, const std::vector<TablePiece>& pieces)
        : disk_(disk), pieces_(pieces) {}

    uint64_t size() const override { return disk_.size(); }
    uint32_t block_size() const override { return disk_.block_size(); }
    Status read(uint64_t offset, MutableBytes into) const override {
        if (auto status = disk_.read(offset, into); !status) return status;
        for (const TablePiece& piece : pieces_) {
            const uint64_t first = std::max(offset, piece.offset);
            const uint64_t last = std::min(offset + into.size(), piece.offset + piece.bytes.size());
            if (first >= last) continue;
            std::copy_n(piece.bytes.data() + (first - piece.offset), last - first,
                        into.data() + (first - offset));
        }
        return {};
    }

  private:
    const storage::BlockSource& disk_;
    const std::vector<TablePiece>& pieces_;
};

std::unexpected<Error> not_safe(const std::string& why) {
    return fail("the last partition can't be grown safely: " + why,
                "grow it by hand, or take the word resize out of cmdline.txt");
}

/// The partition that ends last, if it is one that can grow.
Result<Partition> last_partition(const PartitionTable& table, unsigned root_number) {
    if (table.partitions.empty()) return not_safe("there are no partitions");
    std::vector<Partition> sorted;
    std::ranges::copy_if(table.partitions, std::back_inserter(sorted),
                         [](const Partition& partition) { return !partition.logical; });
    std::ranges::sort(sorted, {}, &Partition::start);
    for (size_t i = 1; i < sorted.size(); ++i) {
        if (sorted[i - 1].end() <= sorted[i].start) continue;
        return not_safe("partitions " + std::to_string(sorted[i - 1].number) + " and " +
                        std::to_string(sorted[i].number) + " overlap");
    }
    if (sorted.empty()) return not_safe("there are no primary partitions");
    if (sorted.front().start == 0) {
        return not_safe("partition " + std::to_string(sorted.front().number) +
                        " lies over the partition table");
    }
    const Partition& last = sorted.back();
    if (last.extended) return not_safe("it is a logical one");
    if (last.number != root_number) {
        return not_safe("partition " + std::to_string(last.number) +
                        " is the last one, and the root is " + std::to_string(root_number));
    }
    return last;
}

Result<TablePiece> read_piece(const storage::BlockSource& disk, std::string name, uint64_t offset,
                              size_t length) {
    TablePiece piece{std::move(name), offset, std::vector<uint8_t>(length)};
    if (auto status = disk.read(offset, piece.bytes); !status) {
        return std::unexpected(status.error());
    }
    return piece;
}

/// Cylinder, head and sector of a block, in the geometry that everyone pretends (255 heads, 63
/// sectors), or the largest one where that is not enough.
void store_chs(uint8_t* to, uint64_t lba) {
    constexpr uint64_t heads = 255;
    constexpr uint64_t sectors = 63;
    uint64_t cylinder = lba / (heads * sectors);
    uint64_t head = lba / sectors % heads;
    uint64_t sector = lba % sectors + 1;
    if (cylinder > 1023) {
        cylinder = 1023;
        head = heads - 1;
        sector = sectors;
    }
    to[0] = static_cast<uint8_t>(head);
    to[1] = static_cast<uint8_t>(sector | (cylinder >> 8 << 6));
    to[2] = static_cast<uint8_t>(cylinder);
}

uint64_t align_down(uint64_t value, uint64_t alignment) {
    return value / alignment * alignment;
}

Result<std::optional<Growth>> grow_mbr(const storage::BlockSource& disk, const Partition& last) {
    const uint64_t block = disk.block_size();
    // Start and number of blocks are 32-bit numbers.
    const uint64_t addressable = last.start + uint64_t{0xffffffff} * block;
    const uint64_t end = align_down(std::min(disk.size(), addressable), growth_alignment);
    if (end < last.end() + growth_alignment) return std::nullopt;

    auto piece = read_piece(disk, "MBR", 0, block);
    if (!piece) return std::unexpected(piece.error());
    Growth growth{last, end - last.start, {}, {*piece}};
    uint8_t* entry = piece->bytes.data() + BootSector::entries_offset +
                     (last.number - 1) * BootSector::entry_size;
    store_chs(entry + 5, end / block - 1);
    store_le32(entry + 12, static_cast<uint32_t>(growth.new_size / block));
    growth.writes.push_back(std::move(*piece));
    return growth;
}

/// A header's block with these places in it and its checksum right.
std::vector<uint8_t> header_block(const std::vector<uint8_t>& old, uint64_t my_lba,
                                  uint64_t alternate_lba, uint64_t last_usable_lba,
                                  uint64_t entries_lba, uint32_t entries_crc) {
    std::vector<uint8_t> block = old;
    uint8_t* raw = block.data();
    store_le64(raw + 24, my_lba);
    store_le64(raw + 32, alternate_lba);
    store_le64(raw + 48, last_usable_lba);
    store_le64(raw + 72, entries_lba);
    store_le32(raw + 88, entries_crc);
    store_le32(raw + 16, 0);
    store_le32(raw + 16, crc32({raw, load_le32(raw + 12)}));
    return block;
}

/// first_start: where the first partition begins, in bytes.
Result<std::optional<Growth>> grow_gpt(const storage::BlockSource& disk, const Partition& last,
                                       uint64_t first_start) {
    const uint64_t block = disk.block_size();
    const uint64_t last_lba = disk.size() / block - 1;
    auto primary = read_gpt_copy(disk, 1);
    if (!primary) return std::unexpected(primary.error());
    if (!*primary) return not_safe("the GPT at the disk's start is broken");
    const Gpt& gpt = **primary;

    // Whole blocks of entries, and where they lie at the disk's end.
    const uint64_t entry_blocks = (gpt.entries.size() + block - 1) / block;
    if (last_lba < entry_blocks + 2) return not_safe("the disk is too small");
    const uint64_t backup_entries = last_lba - entry_blocks;
    const uint64_t last_usable = backup_entries - 1;
    const uint64_t end = align_down((last_usable + 1) * block, growth_alignment);
    if (end < last.end() + growth_alignment) return std::nullopt;
    if (last_usable < gpt.header.last_usable_lba) return not_safe("the GPT is of a larger disk");
    if (gpt.header.entries_lba < 2 ||
        first_start < (gpt.header.entries_lba + entry_blocks) * block) {
        return not_safe("the GPT's entries overlap the partitions");
    }

    auto mbr = read_piece(disk, "MBR", 0, block);
    auto header = read_piece(disk, "GPT-header", block, block);
    auto entries =
        read_piece(disk, "GPT-entries", gpt.header.entries_lba * block, entry_blocks * block);
    auto old_backup_entries =
        read_piece(disk, "backup-GPT-entries", backup_entries * block, entry_blocks * block);
    auto old_backup = read_piece(disk, "backup-GPT-header", last_lba * block, block);
    for (const auto* piece : {&mbr, &header, &entries, &old_backup_entries, &old_backup}) {
        if (!*piece) return std::unexpected(piece->error());
    }
    const auto sector = BootSector::parse(mbr->bytes);
    const bool plain = sector && std::ranges::all_of(sector->entries, [](const MbrEntry& entry) {
                           return entry.type == 0xee || entry.type == 0;
                       });
    if (!plain) return not_safe("the GPT is a hybrid with an MBR");

    Growth growth{last, end - last.start, {}, {}};
    growth.old = {*mbr, *header, *entries, *old_backup_entries, *old_backup};

    store_le64(entries->bytes.data() + size_t{last.number - 1} * GptHeader::entry_size + 40,
               end / block - 1);
    const uint32_t entries_crc = crc32({entries->bytes.data(), gpt.entries.size()});
    header->bytes = header_block(gpt.header_block, 1, last_lba, last_usable, gpt.header.entries_lba,
                                 entries_crc);
    old_backup->bytes =
        header_block(gpt.header_block, last_lba, 1, last_usable, backup_entries, entries_crc);
    old_backup_entries->bytes = entries->bytes;
    for (size_t i = 0; i < 4; ++i) {
        uint8_t* entry = mbr->bytes.data() + BootSector::entries_offset + i * 16;
        if (entry[4] != 0xee) continue;
        store_chs(entry + 5, last_lba);
        store_le32(entry + 12, static_cast<uint32_t>(std::min<uint64_t>(last_lba, 0xffffffff)));
    }
    growth.writes = {*old_backup_entries, *old_backup, *entries, *header, *mbr};
    return growth;
}

/// Does the new table say what it should, and the same as before of all else?
Status verify(const storage::BlockSource& disk, const PartitionTable& before,
              const Growth& growth) {
    const Preview preview(disk, growth.writes);
    const auto after = read_partition_table(preview);
    if (!after) return std::unexpected(after.error());
    bool same = after->kind == before.kind && after->primary_gpt_usable &&
                after->disk_id == before.disk_id &&
                after->partitions.size() == before.partitions.size();
    for (size_t i = 0; same && i < before.partitions.size(); ++i) {
        Partition expected = before.partitions[i];
        if (expected.number == growth.before.number) expected.size = growth.new_size;
        same = after->partitions[i] == expected;
    }
    if (same && after->kind == TableKind::gpt) {
        const auto backup = read_gpt_copy(preview, disk.size() / disk.block_size() - 1);
        if (!backup) return std::unexpected(backup.error());
        same = backup->has_value();
    }
    if (!same) return not_safe("the new partition table does not read back as it should");
    return {};
}

}  // namespace

std::string Growth::to_string() const {
    return "partition " + std::to_string(before.number) + " grows from " + size_text(before.size) +
           " to " + size_text(new_size);
}

Result<std::optional<Growth>> plan_growth(const storage::BlockSource& disk, unsigned root_number) {
    const auto table = read_partition_table(disk);
    if (!table) return std::unexpected(table.error());
    if (table->kind == TableKind::none) return not_safe("the disk has no partition table");
    if (!table->primary_gpt_usable) return not_safe("the GPT at the disk's start is broken");
    const auto last = last_partition(*table, root_number);
    if (!last) return std::unexpected(last.error());
    const uint64_t first_start = std::ranges::min(table->partitions, {}, &Partition::start).start;
    auto growth =
        table->kind == TableKind::mbr ? grow_mbr(disk, *last) : grow_gpt(disk, *last, first_start);
    if (!growth || !*growth) return growth;
    if (auto status = verify(disk, *table, **growth); !status) {
        return std::unexpected(status.error());
    }
    return growth;
}

}  // namespace bootwire::disk
