#include "disk/gpt.h"

#include <algorithm>
#include <cstring>

#include "disk/crc32.h"

namespace bootwire::disk {

namespace {

void append_utf8(std::string& text, uint32_t code) {
    if (code < 0x80) {
        text += static_cast<char>(code);
    } else if (code < 0x800) {
        text += static_cast<char>(0xc0 | code >> 6);
        text += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        text += static_cast<char>(0xe0 | code >> 12);
        text += static_cast<char>(0x80 | (code >> 6 & 0x3f));
        text += static_cast<char>(0x80 | (code & 0x3f));
    } else {
        text += static_cast<char>(0xf0 | code >> 18);
        text += static_cast<char>(0x80 | (code >> 12 & 0x3f));
        text += static_cast<char>(0x80 | (code >> 6 & 0x3f));
        text += static_cast<char>(0x80 | (code & 0x3f));
    }
}

bool is_zero(Bytes bytes) {
    return std::ranges::all_of(bytes, [](uint8_t byte) { return byte == 0; });
}

void add_partitions(const storage::BlockSource& disk, const Gpt& gpt, PartitionTable& table) {
    const uint64_t block = disk.block_size();
    const uint64_t blocks = disk.size() / block;
    for (uint32_t i = 0; i < gpt.header.entry_count; ++i) {
        const uint8_t* entry = gpt.entries.data() + size_t{i} * GptHeader::entry_size;
        if (is_zero({entry, 16})) continue;
        const uint64_t first = load_le64(entry + 32);
        const uint64_t last = load_le64(entry + 40);
        if (first > last || last >= blocks || i >= max_partitions) {
            table.notes.push_back("partition " + std::to_string(i + 1) +
                                  " does not lie on the disk and is left out");
            continue;
        }
        Partition partition;
        partition.number = i + 1;
        partition.start = first * block;
        partition.size = (last - first + 1) * block;
        partition.type = guid_text(entry);
        partition.part_uuid = guid_text(entry + 16);
        partition.part_label = utf16le_to_utf8({entry + 56, 72});
        table.partitions.push_back(std::move(partition));
    }
}

}  // namespace

std::string utf16le_to_utf8(Bytes bytes) {
    std::string text;
    for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
        uint32_t unit = load_le16(bytes.data() + i);
        if (unit == 0) break;
        const bool high = unit >= 0xd800 && unit < 0xdc00;
        if (high && i + 3 < bytes.size()) {
            const uint32_t low = load_le16(bytes.data() + i + 2);
            if (low >= 0xdc00 && low < 0xe000) {
                append_utf8(text, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
                i += 2;
                continue;
            }
        }
        if (unit >= 0xd800 && unit < 0xe000) unit = 0xfffd;
        append_utf8(text, unit);
    }
    return text;
}

Result<std::optional<Gpt>> read_gpt_copy(const storage::BlockSource& disk, uint64_t lba) {
    const uint64_t block = disk.block_size();
    const uint64_t blocks = disk.size() / block;
    if (lba == 0 || lba >= blocks) return std::nullopt;

    Gpt gpt;
    gpt.header_block.resize(block);
    if (auto status = disk.read(lba * block, gpt.header_block); !status) {
        return std::unexpected(status.error());
    }
    const uint8_t* raw = gpt.header_block.data();
    const uint32_t header_size = load_le32(raw + 12);
    if (std::memcmp(raw, "EFI PART", 8) != 0) return std::nullopt;
    if (header_size < GptHeader::size || header_size > block) return std::nullopt;
    std::vector<uint8_t> sum(raw, raw + header_size);
    store_le32(sum.data() + 16, 0);
    if (crc32(sum) != load_le32(raw + 16)) return std::nullopt;

    GptHeader& header = gpt.header;
    header.my_lba = load_le64(raw + 24);
    header.alternate_lba = load_le64(raw + 32);
    header.first_usable_lba = load_le64(raw + 40);
    header.last_usable_lba = load_le64(raw + 48);
    std::copy_n(raw + 56, 16, header.disk_guid.begin());
    header.entries_lba = load_le64(raw + 72);
    header.entry_count = load_le32(raw + 80);
    header.entries_crc = load_le32(raw + 88);

    // As is_gpt_valid() of block/partitions/efi.c.
    if (header.my_lba != lba || header.first_usable_lba >= blocks ||
        header.last_usable_lba >= blocks || header.last_usable_lba < header.first_usable_lba ||
        load_le32(raw + 84) != GptHeader::entry_size || header.entry_count == 0 ||
        header.entry_count > GptHeader::max_entries) {
        return std::nullopt;
    }
    const size_t entries_size = size_t{header.entry_count} * GptHeader::entry_size;
    if (header.entries_lba >= blocks || disk.size() - header.entries_lba * block < entries_size) {
        return std::nullopt;
    }
    gpt.entries.resize(entries_size);
    if (auto status = disk.read(header.entries_lba * block, gpt.entries); !status) {
        return std::unexpected(status.error());
    }
    if (crc32(gpt.entries) != header.entries_crc) return std::nullopt;
    return gpt;
}

Status read_gpt(const storage::BlockSource& disk, PartitionTable& table) {
    auto gpt = read_gpt_copy(disk, 1);
    if (!gpt) return std::unexpected(gpt.error());
    if (!*gpt) {
        gpt = read_gpt_copy(disk, disk.size() / disk.block_size() - 1);
        if (!gpt) return std::unexpected(gpt.error());
        if (!*gpt) {
            return fail(
                "the disk's MBR announces a GPT, but neither the GPT at its start nor the "
                "one at its end is intact",
                "write the image to the disk again, or repair it with gdisk; after an "
                "image was cut short, check that the disk is as large as the image");
        }
        table.primary_gpt_usable = false;
        table.notes.push_back(
            "the GPT at the disk's start is broken; the backup at its end is used");
    }
    table.kind = TableKind::gpt;
    table.disk_id = guid_text((*gpt)->header.disk_guid.data());
    add_partitions(disk, **gpt, table);
    return {};
}

}  // namespace bootwire::disk
