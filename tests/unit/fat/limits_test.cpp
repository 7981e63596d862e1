// How much a volume holds, to the byte, and what in a root folder is a file.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "fat/folder_entry.h"
#include "fat/geometry.h"
#include "fat/label.h"
#include "fat/volume.h"
#include "images.h"

namespace bootwire::fat {
namespace {

// Sector 0 boots, two FATs of 6 sectors and the root folder's 7 follow; a cluster has two sectors.
constexpr size_t root = 13 * 512, all_clusters = (4096 - 20) / 2 * 1024;

std::string volume_with(const std::vector<File>& files) {
    return make_volume("BOOTWIRE", files).value();
}

std::string what_is_wrong(const std::string& volume, std::string_view name, size_t max_size) {
    const auto content = read_root_file(volume, name, max_size);
    return content ? "" : content.error().what;
}

TEST(FatVolume, has_the_boot_sector_of_a_floppy_disk_with_fixed_media) {
    const std::string volume = volume_with({});
    std::string expected(512, '\0');
    const std::string start("\xeb\x3c\x90MSDOS5.0\0\2\2\1\0\2\x70\0\0\x10\xf8\6\0\x20\0\4\0", 28);
    const std::string extras(
        "\x80\0\x29\1\0\7\xb0"
        "BOOTWIRE   FAT12   ",
        26);
    expected.replace(0, start.size(), start);
    expected.replace(36, extras.size(), extras);
    expected.replace(510, 2, "\x55\xaa");
    EXPECT_EQ(volume.substr(0, 512), expected);
    // The media byte and the mark of an end, in both FATs.
    EXPECT_EQ(volume.substr(512, 4), std::string("\xf8\xff\xff\0", 4));
    EXPECT_EQ(volume.substr(512, 6 * 512), volume.substr(7 * 512, 6 * 512));
    EXPECT_EQ(volume.substr(root, 12), "BOOTWIRE   \x08");
}

TEST(FatVolume, has_a_label_of_one_to_eleven_characters) {
    EXPECT_FALSE(make_volume("", {}));
    EXPECT_TRUE(make_volume("A", {}));
    EXPECT_TRUE(make_volume("ABCDEFGHIJK", {}));
    EXPECT_FALSE(make_volume("ABCDEFGHIJKL", {}));
}

TEST(FatVolume, has_room_for_111_files_beside_its_label) {
    std::vector<File> files;
    for (int i = 0; i < 111; ++i)
        files.push_back({"F" + std::to_string(i), std::to_string(i)});
    const auto volume = make_volume("BOOTWIRE", files);
    ASSERT_TRUE(volume);
    EXPECT_EQ(read_root_file(*volume, "F110", 10), "110");
    files.push_back({"G", ""});
    EXPECT_FALSE(make_volume("BOOTWIRE", files));
}

TEST(FatVolume, is_filled_to_its_last_byte) {
    const std::string whole(all_clusters, 'x');
    const auto full = make_volume("BOOTWIRE", std::vector<File>{{"A", whole}});
    ASSERT_TRUE(full);
    EXPECT_EQ(read_root_file(*full, "A", all_clusters), whole);
    EXPECT_FALSE(make_volume("BOOTWIRE", std::vector<File>{{"A", whole + "x"}}));
    const std::string rest(all_clusters - 1024, 'y');
    const auto both = make_volume("BOOTWIRE", std::vector<File>{{"A", "1"}, {"B", rest}});
    ASSERT_TRUE(both);
    EXPECT_EQ(read_root_file(*both, "A", 1), "1");
    EXPECT_EQ(read_root_file(*both, "B", all_clusters), rest);
    EXPECT_FALSE(make_volume("BOOTWIRE", std::vector<File>{{"A", "12"}, {"B", rest + "y"}}));
}

TEST(FatVolume, marks_its_files) {
    const std::string volume =
        volume_with({{"A.TXT", "1", true}, {"b.txt", "2", false}, {"C", ""}});
    const auto entry = [&](size_t number) {
        return bytes_of(volume).subspan(root + number * 32, 32);
    };
    EXPECT_EQ(text_of(entry(1).first(11)), "A       TXT");
    EXPECT_EQ(entry(1)[11], 0x21) << "archive, read-only";
    EXPECT_EQ(entry(1)[12], 0);
    EXPECT_EQ(load_le16(&entry(1)[26]), 2);
    EXPECT_EQ(load_le32(&entry(1)[28]), 1u);
    EXPECT_EQ(text_of(entry(2).first(11)), "B       TXT");
    EXPECT_EQ(entry(2)[11], 0x20);
    EXPECT_EQ(entry(2)[12], 0x18) << "small letters in both parts";
    EXPECT_EQ(load_le16(&entry(2)[26]), 3);
    EXPECT_EQ(load_le16(&entry(3)[26]), 0) << "an empty file has no cluster";
    for (const size_t date : {16, 18, 24})
        EXPECT_EQ(load_le16(&entry(1)[date]), (46 << 9) | (11 << 5) | 23);
}

TEST(ShortName, has_eight_and_three_letters_or_digits) {
    EXPECT_EQ(entry::short_name("bootwire.txt"), "BOOTWIRETXT");
    EXPECT_EQ(entry::short_name("a1"), "A1         ");
    EXPECT_EQ(entry::short_name("a."), "A          ");
    for (const char* name :
         {"", ".txt", "bootwires.txt", "boot.text", "a.b.c", "a-b.txt", "a/b", "\xc3\xa4.txt"}) {
        EXPECT_FALSE(entry::short_name(name)) << name;
    }
}

TEST(RootFile, is_read_if_it_is_not_longer_than_it_may_be) {
    const std::string volume = volume_with({{"A", "12345"}, {"EMPTY", ""}});
    EXPECT_EQ(read_root_file(volume, "a", 5), "12345");
    EXPECT_EQ(what_is_wrong(volume, "a", 4), "a is too long");
    EXPECT_EQ(read_root_file(volume, "empty", 0), "");
    EXPECT_EQ(what_is_wrong(volume, "b", 5), "there is no b on the volume");
    EXPECT_EQ(what_is_wrong(volume, "a-b", 5), "a FAT volume has no short name for a-b");
}

TEST(RootFile, that_ends_before_its_size_is_cut_off) {
    std::string volume = volume_with({{"A", std::string(1025, 'x')}});
    volume[512 + 3] = '\xff';  // the first of its two clusters is its last
    volume[512 + 4] = static_cast<char>(volume[512 + 4] | 0x0f);
    EXPECT_EQ(what_is_wrong(volume, "A", 2000), "A is cut off");
    std::string none = volume_with({{"A", "x"}});
    none[root + 32 + 26] = '\0';
    EXPECT_EQ(what_is_wrong(none, "A", 2000), "A is cut off");
}

TEST(RootFile, is_neither_a_label_nor_a_folder_nor_behind_the_folders_end) {
    const std::string volume = volume_with({{"A", "x"}, {"B", "y"}});
    for (const auto& [attributes, there] : {std::pair{'\x20', true},
                                            {'\x07', true},
                                            {'\x08', false},
                                            {'\x0f', false},
                                            {'\x10', false}}) {
        std::string changed = volume;
        changed[root + 32 + 11] = attributes;
        EXPECT_EQ(read_root_file(changed, "A", 9).has_value(), there) << int{attributes};
        EXPECT_TRUE(read_root_file(changed, "B", 9));
    }
    std::string ended = volume;
    ended[root + 32] = '\0';
    EXPECT_FALSE(read_root_file(ended, "B", 9));
}

TEST(RootFile, is_none_of_a_fat32) {
    std::string volume = volume_with({{"A", "x"}});
    auto* const boot = reinterpret_cast<uint8_t*>(volume.data());
    store_le16(boot + 17, 0);  // entries of the root folder
    store_le16(boot + 22, 0);  // sectors of a FAT
    store_le32(boot + 36, 16);
    ASSERT_TRUE(read_geometry(bytes_of(volume)));
    EXPECT_EQ(read_geometry(bytes_of(volume))->type, Type::fat32);
    EXPECT_EQ(what_is_wrong(volume, "A", 9), "the volume is not a FAT file system");
}

TEST(RootFile, is_read_from_volumes_that_are_all_there) {
    const std::string volume = volume_with({{"A", "x"}});
    EXPECT_TRUE(read_root_file(volume + "more", "A", 9));
    EXPECT_EQ(what_is_wrong(volume.substr(0, volume.size() - 1), "A", 9),
              "the volume is not a FAT file system");
}

/// FAT12: 112 entries from 13 * 512 on.
class Labels : public testing::Test {
  protected:
    Labels() : volume(volume_size) {
        const std::string made = volume_with({});
        std::ranges::copy(made, volume.bytes.begin());
        geometry = *read_geometry(volume.bytes);
    }
    void put(size_t number, std::string_view name, uint8_t attributes) {
        const auto at = volume.bytes.begin() + static_cast<ptrdiff_t>(root + number * 32);
        std::ranges::copy(name, at);
        at[11] = attributes;
    }

    disk::MemoryDisk volume;
    Geometry geometry;
};

TEST_F(Labels, may_begin_with_what_means_deleted_elsewhere) {
    put(0, "\x05TAT       ", 0x08);
    EXPECT_EQ(read_label(volume, geometry), "\xe5TAT");
}

TEST_F(Labels, are_those_of_no_folder_and_with_other_marks_too) {
    put(0, "NEITHER    ", 0x18);
    put(1, "BOOT       ", 0x28);
    EXPECT_EQ(read_label(volume, geometry), "BOOT");
}

TEST_F(Labels, are_looked_for_up_to_the_last_entry_and_the_folders_end) {
    for (size_t i = 0; i < 111; ++i)
        put(i, "FILE    BIN", 0x20);
    put(111, "LAST       ", 0x08);
    EXPECT_EQ(read_label(volume, geometry), "LAST");
    put(111, "FILE    BIN", 0x20);
    put(112, "BEHIND     ", 0x08);
    EXPECT_EQ(read_label(volume, geometry), "");
    volume.bytes[root] = 0;
    put(1, "BEHIND     ", 0x08);
    EXPECT_EQ(read_label(volume, geometry), "");
}

TEST_F(Labels, are_none_where_the_folder_lies_behind_the_volume) {
    put(0, "BOOT       ", 0x08);
    volume.bytes.resize(root + 112 * 32);
    EXPECT_EQ(read_label(volume, geometry), "BOOT");
    volume.bytes.pop_back();
    EXPECT_EQ(read_label(volume, geometry), "");
}

}  // namespace
}  // namespace bootwire::fat
