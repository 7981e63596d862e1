#include "fat/geometry.h"

#include <gtest/gtest.h>

#include <vector>

#include "fat/boot_sector.h"
#include "fat/label.h"
#include "images.h"

namespace bootwire::fat {
namespace {

namespace at = boot_sector;

/// The boot sector of a FAT12 volume of 2 MiB; what a test changes in it, it says itself.
class BootSector {
  public:
    BootSector() {
        set16(at::bytes_per_sector, 512).set8(at::sectors_per_cluster, 2);
        set16(at::reserved_sectors, 1).set8(at::fats, 2).set16(at::root_entries, 112);
        set16(at::few_sectors, 4096).set8(at::media, 0xf8).set16(at::fat_sectors, 6);
        set8(at::extras, 0x29).set32(at::serial, 0x1a2b3c4d).set16(at::signature, 0xaa55);
    }
    BootSector& set8(size_t where, uint8_t value) {
        bytes_[where] = value;
        return *this;
    }
    BootSector& set16(size_t where, uint16_t value) {
        store_le16(&bytes_[where], value);
        return *this;
    }
    BootSector& set32(size_t where, uint32_t value) {
        store_le32(&bytes_[where], value);
        return *this;
    }
    /// As FAT32, of so many sectors.
    BootSector& make_fat32(uint32_t sectors) {
        set16(at::root_entries, 0).set16(at::few_sectors, 0).set32(at::many_sectors, sectors);
        set16(at::fat_sectors, 0).set32(at::fat32_sectors, 1000).set32(at::root_cluster, 2);
        return set8(at::fat32_extras, 0x28).set32(at::fat32_serial, 0xcafe0001);
    }
    std::optional<Geometry> read() const { return read_geometry(bytes_); }
    Bytes bytes() const { return bytes_; }

  private:
    std::vector<uint8_t> bytes_ = std::vector<uint8_t>(at::size);
};

TEST(Geometry, has_the_places_in_bytes) {
    const auto found = BootSector().read();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->type, Type::fat12);
    EXPECT_EQ(found->sector_size, 512u);
    EXPECT_EQ(found->cluster_size, 1024u);
    EXPECT_EQ(found->size, 2u << 20);
    EXPECT_EQ(found->fat, 512u);
    EXPECT_EQ(found->fat_size, 6u * 512);
    EXPECT_EQ(found->root, 13u * 512);
    EXPECT_EQ(found->root_entries, 112u);
    EXPECT_EQ(found->data, 20u * 512);
    EXPECT_EQ(found->clusters, (4096u - 20) / 2);
    EXPECT_EQ(found->serial, 0x1a2b3c4du);
    EXPECT_EQ(found->cluster_position(3), 22u * 512);
    EXPECT_FALSE(found->has_cluster(1));
    EXPECT_TRUE(found->has_cluster(2));
    EXPECT_TRUE(found->has_cluster(found->clusters + 1));
    EXPECT_FALSE(found->has_cluster(found->clusters + 2));
    EXPECT_TRUE(found->fat_covers_clusters());
}

TEST(Geometry, is_of_the_type_that_the_number_of_clusters_says) {
    const auto of = [](uint32_t clusters) {
        return BootSector()
            .set8(at::sectors_per_cluster, 1)
            .set16(at::few_sectors, 0)
            .set32(at::many_sectors, 1 + 2 * 6 + 7 + clusters)
            .read();
    };
    EXPECT_EQ(of(4084)->type, Type::fat12);
    EXPECT_EQ(of(4085)->type, Type::fat16);
    EXPECT_EQ(of(65524)->type, Type::fat16);
    EXPECT_FALSE(of(65525)) << "that many are only in a FAT32";
    const auto wide = BootSector().make_fat32(100'000).read();
    ASSERT_TRUE(wide);
    EXPECT_EQ(wide->type, Type::fat32);
    EXPECT_EQ(wide->root_cluster, 2u);
    EXPECT_EQ(wide->data, (1u + 2 * 1000) * 512);
    EXPECT_EQ(wide->serial, 0xcafe0001u);
}

TEST(Geometry, follows_a_chain_by_the_bits_of_its_type) {
    const uint8_t link[] = {0x23, 0xf1, 0xff, 0xff};
    Geometry geometry;
    geometry.fat = 512;
    geometry.type = Type::fat12;
    EXPECT_EQ(geometry.link_position(3), 512u + 4);
    EXPECT_EQ(geometry.next_cluster(2, link), 0x123u);
    EXPECT_EQ(geometry.next_cluster(3, link), 0xf12u);
    geometry.type = Type::fat16;
    EXPECT_EQ(geometry.link_position(3), 512u + 6);
    EXPECT_EQ(geometry.next_cluster(3, link), 0xf123u);
    geometry.type = Type::fat32;
    EXPECT_EQ(geometry.link_position(3), 512u + 12);
    EXPECT_EQ(geometry.next_cluster(3, link), 0x0ffff123u) << "four bits are reserved";
}

TEST(Geometry, is_none_where_a_field_makes_no_sense) {
    EXPECT_TRUE(BootSector().read());
    EXPECT_FALSE(BootSector().set16(at::signature, 0).read());
    EXPECT_FALSE(BootSector().set8(at::media, 0xf1).read());
    EXPECT_FALSE(BootSector().set16(at::bytes_per_sector, 256).read());
    EXPECT_FALSE(BootSector().set16(at::bytes_per_sector, 513).read());
    EXPECT_FALSE(BootSector().set16(at::bytes_per_sector, 8192).read());
    EXPECT_FALSE(BootSector().set8(at::sectors_per_cluster, 3).read());
    EXPECT_FALSE(BootSector().set8(at::sectors_per_cluster, 0).read());
    EXPECT_FALSE(BootSector().set16(at::reserved_sectors, 0).read());
    EXPECT_FALSE(BootSector().set8(at::fats, 0).read());
    EXPECT_FALSE(BootSector().set16(at::root_entries, 0).read()) << "only a FAT32 has none";
    EXPECT_FALSE(BootSector().make_fat32(100'000).set32(at::fat32_sectors, 0).read());
    EXPECT_FALSE(BootSector().make_fat32(100'000).set16(at::root_entries, 512).read());
    EXPECT_FALSE(BootSector().set16(at::few_sectors, 19).read()) << "the FATs have more alone";
    EXPECT_FALSE(read_geometry(BootSector().bytes().first(511)));
}

TEST(Geometry, has_no_serial_number_where_none_is_marked) {
    EXPECT_EQ(BootSector().set8(at::extras, 0x28).read()->serial, 0x1a2b3c4du);
    EXPECT_EQ(BootSector().set8(at::extras, 0).read()->serial, 0u);
}

/// Entries of 32 bytes, each with a name of 11 characters.
void put_entry(disk::MemoryDisk& volume, uint64_t position, std::string_view name,
               uint8_t attributes) {
    std::ranges::copy(name, volume.bytes.begin() + static_cast<ptrdiff_t>(position));
    volume.bytes[position + 11] = attributes;
}

TEST(Label, is_the_first_entry_marked_as_one_that_is_not_deleted) {
    const auto geometry = BootSector().read();
    disk::MemoryDisk volume(geometry->size);
    EXPECT_EQ(read_label(volume, *geometry), "");
    put_entry(volume, geometry->root, "\xe5LD        ", 0x08);
    put_entry(volume, geometry->root + 32, "A long name", 0x0f);
    put_entry(volume, geometry->root + 64, "FOLDER     ", 0x10);
    put_entry(volume, geometry->root + 96, "boot fs    ", 0x08);
    EXPECT_EQ(read_label(volume, *geometry), "boot fs");
    put_entry(volume, geometry->root + 96, "NO NAME    ", 0x08);
    EXPECT_EQ(read_label(volume, *geometry), "") << "that is how it is said that there is none";
}

TEST(Label, may_begin_with_the_letter_that_marks_deleted_entries) {
    const auto geometry = BootSector().read();
    disk::MemoryDisk volume(geometry->size);
    put_entry(volume, geometry->root, "\x05LD        ", 0x08);
    EXPECT_EQ(read_label(volume, *geometry), "\xe5LD");
}

TEST(Label, is_an_error_where_the_disk_fails_to_read) {
    const auto fat12 = BootSector().read();
    const disk::MemoryDisk small(fat12->size);
    const auto label = read_label(disk::FailingDisk(small, 0), *fat12);
    ASSERT_FALSE(label);
    EXPECT_EQ(label.error().what, disk::FailingDisk::why);

    const auto fat32 = BootSector().make_fat32(4000).read();
    disk::MemoryDisk large(fat32->size);
    for (uint64_t offset = 0; offset < fat32->cluster_size; offset += 32) {
        put_entry(large, fat32->cluster_position(2) + offset, "FILE    BIN", 0x20);
    }
    put_entry(large, fat32->cluster_position(700), "FAR AWAY   ", 0x08);
    store_le32(&large.bytes[fat32->link_position(2)], 700);
    for (const size_t reading : {0u, 1u, 2u}) {  // folder, link, folder
        const auto far = read_label(disk::FailingDisk(large, reading), *fat32);
        ASSERT_FALSE(far) << reading;
        EXPECT_EQ(far.error().what, disk::FailingDisk::why);
    }
    EXPECT_EQ(read_label(disk::FailingDisk(large, 3), *fat32), "FAR AWAY");
}

TEST(Label, of_a_fat32_is_looked_for_along_the_chain_of_the_root_folder) {
    const auto geometry = BootSector().make_fat32(4000).read();
    ASSERT_TRUE(geometry);
    disk::MemoryDisk volume(geometry->size);
    for (uint64_t offset = 0; offset < geometry->cluster_size; offset += 32) {
        put_entry(volume, geometry->cluster_position(2) + offset, "FILE    BIN", 0x20);
    }
    put_entry(volume, geometry->cluster_position(700), "FAR AWAY   ", 0x08);
    EXPECT_EQ(read_label(volume, *geometry), "");
    store_le32(&volume.bytes[geometry->link_position(2)], 700);
    EXPECT_EQ(read_label(volume, *geometry), "FAR AWAY");
    store_le32(&volume.bytes[geometry->link_position(2)], 2);
    EXPECT_EQ(read_label(volume, *geometry), "") << "a circle comes to an end";
}

TEST(Label, is_looked_for_in_64_kib_of_the_root_folder) {
    constexpr size_t entries = 64 * 1024 / 32;
    const auto plain = BootSector().set16(at::root_entries, entries + 16).read();
    ASSERT_TRUE(plain);
    disk::MemoryDisk volume(plain->size);
    for (size_t i = 0; i < entries + 16; ++i)
        put_entry(volume, plain->root + i * 32, "FILE    BIN", 0x20);
    put_entry(volume, plain->root + entries * 32, "TOO FAR    ", 0x08);
    EXPECT_EQ(read_label(volume, *plain), "");
    put_entry(volume, plain->root + (entries - 1) * 32, "LAST       ", 0x08);
    EXPECT_EQ(read_label(volume, *plain), "LAST");

    // A chain of clusters of 1 KiB: the 64th is looked at, the 65th is not.
    const auto fat32 = BootSector().make_fat32(4000).read();
    ASSERT_TRUE(fat32);
    disk::MemoryDisk chain(fat32->size);
    for (uint32_t cluster = 2; cluster < 2 + 65; ++cluster) {
        for (uint64_t offset = 0; offset < fat32->cluster_size; offset += 32)
            put_entry(chain, fat32->cluster_position(cluster) + offset, "FILE    BIN", 0x20);
        store_le32(&chain.bytes[fat32->link_position(cluster)], cluster + 1);
    }
    put_entry(chain, fat32->cluster_position(2 + 64), "TOO FAR    ", 0x08);
    EXPECT_EQ(read_label(chain, *fat32), "");
    put_entry(chain, fat32->cluster_position(2 + 63), "LAST       ", 0x08);
    EXPECT_EQ(read_label(chain, *fat32), "LAST");
}

TEST(Geometry, has_the_marks_and_sizes_that_the_specification_allows) {
    for (const auto& [media, good] :
         {std::pair{0xf0, true}, {0xf7, false}, {0xef, false}, {0xf8, true}, {0xff, true}})
        EXPECT_EQ(BootSector().set8(at::media, static_cast<uint8_t>(media)).read().has_value(),
                  good)
            << media;
    for (const uint16_t size : {512, 1024, 2048, 4096})
        EXPECT_TRUE(BootSector().set16(at::bytes_per_sector, size).read()) << size;
    EXPECT_TRUE(BootSector().set8(at::sectors_per_cluster, 128).read());
    EXPECT_TRUE(read_geometry(BootSector().bytes().first(512)));
    EXPECT_EQ(BootSector().set16(at::root_entries, 113).read()->data, 21u * 512)
        << "whole sectors of entries";
    const auto full = BootSector().set16(at::few_sectors, 20).read();
    ASSERT_TRUE(full) << "without any cluster";
    EXPECT_EQ(full->clusters, 0u);
    EXPECT_FALSE(full->has_cluster(2));
}

TEST(Geometry, has_fewer_clusters_than_a_fat32_has_numbers_for) {
    const auto of = [](uint32_t clusters) {
        return BootSector()
            .make_fat32(1 + 2 * 1000 + clusters)
            .set8(at::sectors_per_cluster, 1)
            .read();
    };
    EXPECT_EQ(of(0x0ffffff6)->clusters, 0x0ffffff6u);
    EXPECT_FALSE(of(0x0ffffff7));
}

TEST(Geometry, tells_whether_the_fat_has_a_link_for_each_cluster) {
    const auto covers = [](uint32_t clusters, uint8_t per_cluster = 1) {
        return BootSector()
            .set8(at::sectors_per_cluster, per_cluster)
            .set16(at::few_sectors, static_cast<uint16_t>(20 + clusters * per_cluster))
            .read()
            ->fat_covers_clusters();
    };
    // Six sectors of a FAT12 are 2048 links, of which the first two are for nobody.
    EXPECT_TRUE(covers(2046));
    EXPECT_FALSE(covers(2047));
    EXPECT_FALSE(covers(4085)) << "a FAT16 needs more";
    EXPECT_EQ(BootSector().read()->link_size(), 2u);
    EXPECT_EQ(BootSector().make_fat32(100'000).read()->link_size(), 4u);
}

}  // namespace
}  // namespace bootwire::fat
