// A small disk with a GPT, to be damaged field by field.
#pragma once

#include "disk/crc32.h"
#include "disk/gpt.h"
#include "images.h"

namespace bootwire::disk {

inline constexpr uint64_t gpt_blocks = 2048;
inline constexpr uint64_t backup_lba = gpt_blocks - 1;
inline constexpr size_t block = 512;

// Where the UEFI specification (5.3.2) has the header's fields.
inline constexpr size_t size_at = 12, sum_at = 16, my_lba_at = 24, first_usable_at = 40,
                        last_usable_at = 48, entries_lba_at = 72, count_at = 80, entry_size_at = 84,
                        entries_sum_at = 88;

/// A disk of 1 MiB with two partitions and both copies of their table.
class GptDisk : public MemoryDisk {
  public:
    GptDisk() : MemoryDisk(gpt_blocks * block) {
        bytes[446 + 4] = 0xee;
        store_le32(&bytes[446 + 8], 1);
        store_le32(&bytes[446 + 12], gpt_blocks - 1);
        bytes[510] = 0x55;
        bytes[511] = 0xaa;
        put_copy(1, 2);
        put_copy(backup_lba, gpt_blocks - 33);
        put_entry(0, 40, 99);
        put_entry(1, 100, 100);
    }

    uint8_t* header(uint64_t lba) { return &bytes[lba * block]; }
    uint8_t* entry(uint64_t lba, size_t index) {
        return &bytes[load_le64(header(lba) + entries_lba_at) * block + index * 128];
    }
    void put_entry(size_t index, uint64_t first, uint64_t last) {
        for (const uint64_t lba : {uint64_t{1}, backup_lba}) {
            uint8_t* const raw = entry(lba, index);
            raw[0] = 0xaf;
            raw[16] = static_cast<uint8_t>(index + 1);
            store_le64(raw + 32, first);
            store_le64(raw + 40, last);
            seal(lba);
        }
    }
    /// Makes both sums right, as far as the table lies on the disk.
    void seal(uint64_t lba) {
        uint8_t* const raw = header(lba);
        const uint64_t start = load_le64(raw + entries_lba_at) * block;
        const uint64_t length = uint64_t{load_le32(raw + count_at)} * 128;
        if (has(start, length)) {
            store_le32(raw + entries_sum_at, crc32(Bytes(bytes).subspan(start, length)));
        }
        store_le32(raw + sum_at, 0);
        store_le32(raw + sum_at, crc32({raw, load_le32(raw + size_at)}));
    }

    bool is_intact(uint64_t lba) const {
        const auto gpt = read_gpt_copy(*this, lba);
        EXPECT_TRUE(gpt);
        return gpt && gpt->has_value();
    }

  private:
    void put_copy(uint64_t lba, uint64_t entries_lba) {
        uint8_t* const raw = header(lba);
        std::ranges::copy(std::string_view("EFI PART"), raw);
        store_le32(raw + 8, 0x10000);
        store_le32(raw + size_at, 92);
        store_le64(raw + my_lba_at, lba);
        store_le64(raw + 32, lba == 1 ? backup_lba : 1);
        store_le64(raw + first_usable_at, 34);
        store_le64(raw + last_usable_at, gpt_blocks - 34);
        std::fill_n(raw + 56, 16, uint8_t{0x1d});
        store_le64(raw + entries_lba_at, entries_lba);
        store_le32(raw + count_at, 128);
        store_le32(raw + entry_size_at, 128);
        seal(lba);
    }
};

}  // namespace bootwire::disk
