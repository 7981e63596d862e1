// Growing a partition, to the block; and what keeps it from being grown, each for itself.
#include <functional>

#include "disk/mbr.h"
#include "disk/resize.h"
#include "gpt_disk.h"

namespace bootwire::disk {
namespace {

constexpr uint64_t mib = 1024 * 1024;

/// Says to be larger than what is in memory; zeros follow.
class PretendedDisk : public MemoryDisk {
  public:
    explicit PretendedDisk(uint64_t size) : MemoryDisk(mib), size_(size) {}
    uint64_t size() const override { return size_; }

  private:
    uint64_t size_;
};

void put_partition(MemoryDisk& disk, size_t index, uint32_t start, uint32_t count) {
    uint8_t* const raw = disk.bytes.data();
    raw[510] = 0x55;
    raw[511] = 0xaa;
    uint8_t* const entry = raw + 446 + 16 * index;
    entry[4] = 0x83;
    store_le32(entry + 8, start);
    store_le32(entry + 12, count);
}

std::string refusal(const storage::BlockSource& disk, unsigned root = 1) {
    const auto growth = plan_growth(disk, root);
    if (!growth) return growth.error().what;
    return *growth ? "it grows" : "it is full";
}

std::string not_safe(const std::string& why) {
    return "the last partition can't be grown safely: " + why;
}

/// Cylinder, head and sector of the last block, by 255 heads and 63 sectors.
TEST(GrownMbr, has_its_end_in_the_geometry_that_everyone_pretends) {
    const struct {
        uint64_t end;
        std::array<uint8_t, 3> chs;
    } cases[] = {{100 * mib, {190, 50, 12}},
                 {4096 * mib, {42, 32 | 2 << 6, 0x0a}},
                 {8032 * mib, {238, 47 | 3 << 6, 0xff}},
                 {8033 * mib, {254, 63 | 3 << 6, 0xff}}};
    for (const auto& [end, chs] : cases) {
        PretendedDisk disk(end);
        put_partition(disk, 0, 2048, 4096);
        const auto growth = plan_growth(disk, 1);
        ASSERT_TRUE(growth && *growth) << end;
        EXPECT_EQ((*growth)->new_size, end - mib);
        ASSERT_EQ((*growth)->writes.size(), 1u);
        const TablePiece& mbr = (*growth)->writes.front();
        EXPECT_EQ(mbr.offset, 0u);
        EXPECT_TRUE(std::ranges::equal(Bytes(mbr.bytes).subspan(446 + 5, 3), chs)) << end;
    }
}

TEST(GrownMbr, has_as_many_blocks_as_its_numbers_can_say) {
    PretendedDisk disk(3 * mib * mib);
    put_partition(disk, 0, 2048, 4096);
    EXPECT_EQ((*plan_growth(disk, 1))->new_size, 2 * mib * mib - mib);
}

TEST(GrownMbr, is_refused_where_the_table_has_no_partition_of_the_disk) {
    MemoryDisk disk(4 * mib);
    put_partition(disk, 0, 1 << 20, 4096);
    EXPECT_EQ(refusal(disk), not_safe("there are no partitions"));
    EXPECT_EQ(refusal(MemoryDisk(4 * mib)), not_safe("the disk has no partition table"));
}

/// With 4 MiB; its table is that of 1 MiB.
class GrownGpt : public testing::Test {
  protected:
    GrownGpt() { disk_.bytes.resize(4 * mib); }
    void set(size_t field, uint64_t value) {
        store_le64(disk_.header(1) + field, value);
        disk_.seal(1);
    }
    /// Of the first copy alone: the other one is no longer at the disk's end.
    void move(size_t index, uint64_t first) {
        store_le64(disk_.entry(1, index) + 32, first);
        disk_.seal(1);
    }

    GptDisk disk_;
};

TEST_F(GrownGpt, is_written_from_its_copy_on_so_that_one_is_always_whole) {
    const auto growth = plan_growth(disk_, 2);
    ASSERT_TRUE(growth && *growth);
    EXPECT_EQ((*growth)->before.start + (*growth)->new_size, 3 * mib) << "the copy needs some room";
    const std::pair<const char*, uint64_t> pieces[] = {{"backup-GPT-entries", 8191 - 32},
                                                       {"backup-GPT-header", 8191},
                                                       {"GPT-entries", 2},
                                                       {"GPT-header", 1},
                                                       {"MBR", 0}};
    ASSERT_EQ((*growth)->writes.size(), std::size(pieces));
    for (size_t i = 0; i < std::size(pieces); ++i) {
        const TablePiece& piece = (*growth)->writes[i];
        EXPECT_EQ(piece.name, pieces[i].first);
        EXPECT_EQ(piece.offset, pieces[i].second * block) << piece.name;
        std::ranges::copy(piece.bytes, disk_.bytes.begin() + static_cast<ptrdiff_t>(piece.offset));
    }
    EXPECT_EQ(refusal(disk_, 2), "it is full");
    const Gpt primary = **read_gpt_copy(disk_, 1), backup = **read_gpt_copy(disk_, 8191);
    EXPECT_EQ(primary.entries, backup.entries);
    for (const GptHeader& header : {primary.header, backup.header}) {
        EXPECT_EQ(header.alternate_lba, header.my_lba == 1 ? 8191u : 1u);
        EXPECT_EQ(header.last_usable_lba, 8191u - 33);
        EXPECT_EQ(header.first_usable_lba, 34u);
    }
    EXPECT_EQ(backup.header.entries_lba, 8191u - 32);
    const uint8_t* const protective = disk_.bytes.data() + 446;
    EXPECT_EQ(load_le32(protective + 12), 8191u);
    const std::array<uint8_t, 3> end{130, 2, 0};  // of block 8191
    EXPECT_TRUE(std::equal(end.begin(), end.end(), protective + 5));
}

TEST_F(GrownGpt, is_not_of_a_larger_disk) {
    set(last_usable_at, 8191 - 33);
    EXPECT_EQ(refusal(disk_, 2), "it grows");
    set(last_usable_at, 8191 - 32);
    EXPECT_EQ(refusal(disk_, 2), not_safe("the GPT is of a larger disk"));
}

TEST_F(GrownGpt, has_entries_that_lie_before_the_partitions_and_behind_the_header) {
    move(0, 34);
    EXPECT_EQ(refusal(disk_, 2), "it grows");
    move(0, 33);
    EXPECT_EQ(refusal(disk_, 2), not_safe("the GPT's entries overlap the partitions"));
    // One entry, in the first block.
    disk_ = GptDisk();
    disk_.bytes.resize(4 * mib);
    disk_.bytes[0] = disk_.bytes[16] = 1;
    store_le64(&disk_.bytes[32], 100);
    store_le64(&disk_.bytes[40], 100);
    store_le32(disk_.header(1) + count_at, 1);
    set(entries_lba_at, 0);
    EXPECT_EQ(refusal(disk_), not_safe("the GPT's entries overlap the partitions"));
}

TEST_F(GrownGpt, is_no_hybrid) {
    disk_.bytes[446 + 16 + 4] = 0xee;
    EXPECT_EQ(refusal(disk_, 2), "it grows");
    disk_.bytes[446 + 16 + 4] = 0x0c;
    EXPECT_EQ(refusal(disk_, 2), not_safe("the GPT is a hybrid with an MBR"));
}

TEST_F(GrownGpt, is_announced_by_any_entry_of_the_mbr_and_that_grows_too) {
    for (const size_t index : {0, 1, 2, 3}) {
        std::fill_n(disk_.bytes.begin() + 446, 64, uint8_t{0});
        uint8_t* const entry = disk_.bytes.data() + 446 + 16 * index;
        entry[4] = 0xee;
        store_le32(entry + 8, 1);
        store_le32(entry + 12, gpt_blocks - 1);
        const auto growth = plan_growth(disk_, 2);
        ASSERT_TRUE(growth && *growth) << index;
        const TablePiece& mbr = (*growth)->writes.back();
        for (const size_t i : {0, 1, 2, 3})
            EXPECT_EQ(load_le32(&mbr.bytes[446 + 16 * i + 12]), i == index ? 8191u : 0u);
    }
}

TEST_F(GrownGpt, has_room_for_both_copies) {
    disk_.put_entry(1, 0, 0);
    std::fill_n(disk_.entry(1, 1), 128, uint8_t{0});
    move(0, 33);
    store_le64(disk_.entry(1, 0) + 40, 33);
    store_le64(disk_.header(1) + first_usable_at, 33);
    set(last_usable_at, 33);
    disk_.bytes.resize(34 * block);
    EXPECT_EQ(refusal(disk_), not_safe("the disk is too small"));
    disk_.bytes.resize(35 * block);
    EXPECT_EQ(refusal(disk_), "it is full");
}

/// Another disk, of which one reading says something else at one place.
class ChangingDisk : public storage::BlockSource {
  public:
    ChangingDisk(const storage::BlockSource& disk, size_t reading, uint64_t place)
        : disk_(disk), reading_(reading), place_(place) {}
    uint64_t size() const override { return disk_.size(); }
    uint32_t block_size() const override { return disk_.block_size(); }
    Status read(uint64_t offset, MutableBytes into) const override {
        if (auto status = disk_.read(offset, into); !status) return status;
        const bool is_there = place_ >= offset && place_ - offset < into.size();
        if (readings_++ == reading_ && is_there) into[place_ - offset] ^= 1;
        return {};
    }

  private:
    const storage::BlockSource& disk_;
    const size_t reading_;
    const uint64_t place_;
    mutable size_t readings_ = 0;
};

TEST(ChangingTables, are_not_written_to) {
    const std::string unlike = not_safe("the new partition table does not read back as it should");
    MemoryDisk mbr(32 * mib);
    put_partition(mbr, 0, 2048, 2048);
    put_partition(mbr, 1, 4096, 2048);
    EXPECT_EQ(refusal(mbr, 2), "it grows");
    // Reading 0 is the table, 1 what is written anew.
    for (const size_t place :
         {440, 443, 446, 446 + 4, 446 + 8, 446 + 12, 446 + 15, 462 + 4, 462 + 8, 510, 511})
        EXPECT_EQ(refusal(ChangingDisk(mbr, 1, place), 2), unlike) << place;

    GptDisk gpt;
    gpt.bytes.resize(4 * mib);
    // Readings 0 to 4 are the table, 5 to 9 its pieces; the entries are the third of them.
    for (const size_t place : {0, 16, 32, 40, 56, 128, 128 + 16, 128 + 32, 128 + 56})
        EXPECT_EQ(refusal(ChangingDisk(gpt, 7, 2 * block + place), 2), unlike) << place;
    EXPECT_EQ(refusal(ChangingDisk(gpt, 3, block + 56), 2),
              not_safe("the GPT at the disk's start is broken"));
}

}  // namespace
}  // namespace bootwire::disk
