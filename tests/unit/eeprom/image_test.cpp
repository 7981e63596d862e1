#include "eeprom/image.h"

#include <gtest/gtest.h>

#include "images.h"

namespace bootwire::eeprom {
namespace {

std::vector<uint8_t> copy(const Image& image) {
    return {image.bytes().begin(), image.bytes().end()};
}

std::string why_not(const ImageMaker& maker) {
    auto image = Image::parse(maker.bytes);
    if (!image) return image.error().what;
    const auto before = copy(*image);
    const auto text = image->configuration();
    const auto replaced = image->replace_configuration("A=1\n");
    EXPECT_FALSE(replaced);
    EXPECT_EQ(copy(*image), before);
    EXPECT_EQ(image->largest_configuration(), 0u);
    return text ? "" : text.error().what;
}

TEST(Images, have_one_of_two_sizes) {
    for (const size_t size : {0, 8, 524287, 524289, 1048576, 4194304}) {
        const auto image = Image::parse(std::vector<uint8_t>(size, 0xff));
        ASSERT_FALSE(image);
        EXPECT_NE(image.error().what.find("524288 or 2097152"), std::string::npos);
    }
}

TEST(Images, are_chains_of_sections_up_to_erased_flash) {
    const Image image = image_2711().image();
    ASSERT_EQ(image.sections().size(), 8u);
    EXPECT_EQ(image.sections().front().kind, Kind::code);
    EXPECT_EQ(image.sections()[1].name, "bootmain");
    EXPECT_EQ(image.sections().back().offset, 0x50000u);
    EXPECT_EQ(image.sections().back().name, "bootconf.txt");
    EXPECT_EQ(image.end(), image.sections().back().end());
    EXPECT_EQ(image.chip(), Chip::bcm2711);
    EXPECT_FALSE(image.has_two_partitions());
    EXPECT_EQ(image.configuration().value_or(""), usual_text);
    EXPECT_EQ(text_of(image.content(*image.find("bootconf.txt"))), usual_text);
}

TEST(Images, that_are_damaged_are_refused_with_the_place) {
    EXPECT_NE(why_not(ImageMaker(512 * 1024)).find("does not begin with the bootloader's code"),
              std::string::npos);
    ImageMaker maker = image_2711();
    store_be32(&maker.bytes[0x50004], 0x30000);
    EXPECT_NE(why_not(maker).find("0x50000: the section there is longer"), std::string::npos);
    store_be32(&maker.bytes[0x50004], 15);
    EXPECT_NE(why_not(maker).find("0x50000: the file there has no name"), std::string::npos);
    store_be32(&maker.bytes[0x50004], 20);
    maker.bytes[0x50008] = 7;
    EXPECT_NE(why_not(maker).find("no name that can be read"), std::string::npos);
    store_be32(&maker.bytes[0x50000], 0x55aae00f);
    EXPECT_NE(why_not(maker).find("0x50000: no section begins there"), std::string::npos);
}

TEST(Images, of_kinds_that_come_later_are_read) {
    ImageMaker maker(512 * 1024);
    maker.add(Kind::code, code()).add(static_cast<Kind>(0x55aaf55f), "later");
    add_changeable(maker, 0x40000, usual_text);
    EXPECT_TRUE(maker.image().configuration());
}

TEST(Configurations, that_are_last_are_replaced_and_what_remains_is_erased) {
    Image image = image_2711("[all]\n# a long comment, which is not there afterwards\n").image();
    auto expected = image_2711("A=1\n").bytes;
    ASSERT_TRUE(image.replace_configuration("A=1\n"));
    EXPECT_EQ(copy(image), expected);
    EXPECT_EQ(image.configuration().value_or(""), "A=1\n");
    ASSERT_TRUE(image.replace_configuration(""));
    EXPECT_EQ(image.configuration().value_or("none"), "");
}

TEST(Configurations, keep_the_chain_together_where_something_follows) {
    Image image = image_with_two_partitions().image();
    ASSERT_TRUE(image.has_two_partitions());
    const size_t sections = image.sections().size();
    const std::string longer(1001, '#');
    ASSERT_TRUE(image.replace_configuration(longer));
    EXPECT_EQ(image.configuration().value_or(""), longer);
    ASSERT_EQ(image.sections().size(), sections);
    EXPECT_EQ(copy(image), image_with_two_partitions(longer).bytes);
    const Section& padding = image.sections()[sections - 2];
    EXPECT_EQ(padding.offset, 0xa3000u + 24 + 1001 + 7);
    EXPECT_EQ(padding.end(), partition_b);
    EXPECT_EQ(image.sections().back().offset, partition_b);
}

TEST(Configurations, of_the_second_partition_are_not_touched) {
    ImageMaker maker = image_with_two_partitions();
    maker.at = partition_b;
    maker.file("bootsys", "other").pad_to(0x19a000).file("bootconf.txt", "B=1\n");
    Image image = maker.image();
    ASSERT_TRUE(image.replace_configuration("A=1\n"));
    EXPECT_EQ(image.configuration().value_or(""), "A=1\n");
    EXPECT_TRUE(std::equal(maker.bytes.begin() + partition_b, maker.bytes.end(),
                           image.bytes().begin() + partition_b));
}

TEST(Configurations, have_room_for_4076_bytes_or_less) {
    for (auto* make : {+[] { return image_2711().image(); }, +[] { return image_2712().image(); },
                       +[] { return image_with_two_partitions().image(); }}) {
        Image image = make();
        EXPECT_EQ(image.largest_configuration(), 4076u);
        EXPECT_TRUE(image.replace_configuration(std::string(4076, '#')));
        const auto before = copy(image);
        const auto longer = image.replace_configuration(std::string(4077, '#'));
        ASSERT_FALSE(longer);
        EXPECT_NE(longer.error().what.find("4077 bytes, and this image has room for 4076"),
                  std::string::npos);
        EXPECT_EQ(copy(image), before);
    }
}

TEST(Configurations, leave_the_last_page_to_the_bootloader) {
    Image image = image_2711(usual_text, 0x7ea00).image();
    EXPECT_EQ(image.largest_configuration(), 1512u);
    ASSERT_TRUE(image.replace_configuration(std::string(1512, '#')));
    EXPECT_EQ(image.bytes()[0x7efff], '#');
    EXPECT_EQ(image.bytes()[0x7f000], 0xff);
    EXPECT_FALSE(image.replace_configuration(std::string(1513, '#')));
}

TEST(Configurations, never_run_into_the_section_behind_them) {
    ImageMaker maker(512 * 1024);
    maker.add(Kind::code, code()).pad_to(0x40000).file("bootconf.txt", "A=1\n");
    maker.pad_to(0x40100).file("behind", "here");
    Image image = maker.image();
    const size_t room = 0x100 - 24;
    EXPECT_EQ(image.largest_configuration(), room);
    EXPECT_FALSE(image.replace_configuration(std::string(room + 1, '#')));
    for (const size_t size : {room, room - 1, room - 7, room - 8, room - 9, size_t{0}}) {
        ASSERT_TRUE(image.replace_configuration(std::string(size, '#'))) << size;
        ASSERT_NE(image.find("behind"), nullptr);
        EXPECT_EQ(text_of(image.content(*image.find("behind"))), "here");
        EXPECT_EQ(image.sections().back().offset, 0x40100u);
    }
}

TEST(Images, that_are_not_understood_are_never_changed) {
    ImageMaker none(512 * 1024);
    none.add(Kind::code, code());
    EXPECT_NE(why_not(none).find("has no bootconf.txt"), std::string::npos);

    ImageMaker two = image_2711();
    two.file("bootconf.txt", "A=1\n");
    EXPECT_NE(why_not(two).find("more than one bootconf.txt"), std::string::npos);

    ImageMaker packed(512 * 1024);
    packed.add(Kind::code, code()).pad_to(0x40000).file("bootconf.txt", "x", Kind::lz4_file);
    EXPECT_NE(why_not(packed).find("is packed"), std::string::npos);

    ImageMaker early(512 * 1024);
    early.add(Kind::code, code()).file("bootconf.txt", "A=1\n");
    EXPECT_NE(why_not(early).find("where no bootloader looks"), std::string::npos);

    ImageMaker late(2 * 1024 * 1024);
    late.add(Kind::code, code()).pad_to(partition_b).file("bootconf.txt", "A=1\n");
    EXPECT_NE(why_not(late).find("where no bootloader looks"), std::string::npos);

    ImageMaker page = image_2711();
    page.pad_to(512 * 1024 - 4096).file("own", "x");
    EXPECT_NE(why_not(page).find("the last 4 KiB"), std::string::npos);
}

TEST(Images, with_partitions_that_are_not_as_they_should_are_never_changed) {
    ImageMaker shifted(2 * 1024 * 1024);
    shifted.add(Kind::code, code()).pad_to(partition_a + 8).file("bootsys", "x");
    add_changeable(shifted, 0x50000, usual_text);
    EXPECT_NE(why_not(shifted).find("bootsys is not where"), std::string::npos);

    // As rpi-eeprom-config of before May 2026 leaves it: padding from one partition into the other.
    ImageMaker merged(2 * 1024 * 1024);
    merged.add(Kind::code, code()).pad_to(partition_a).file("bootsys", "x");
    add_changeable(merged, 0x50000, usual_text);
    merged.pad_to(0x1ff000);
    EXPECT_NE(why_not(merged).find("runs into the second one"), std::string::npos);
}

TEST(UpdateTimes, are_the_last_words_of_older_images) {
    Image image = image_2711().image();
    EXPECT_FALSE(image.update_time());
    ASSERT_TRUE(image.set_update_time(0x12345678));
    EXPECT_EQ(image.update_time(), 0x12345678u);
    const auto end = image.bytes().last(8);
    EXPECT_EQ(load_le32(&end[0]), ~0x12345678u);
    EXPECT_EQ(load_le32(&end[4]), 0x12345678u);
}

TEST(UpdateTimes, of_two_partitions_are_in_two_files) {
    Image image = image_with_two_partitions().image();
    EXPECT_FALSE(image.update_time());
    ASSERT_TRUE(image.set_update_time(1790000000));
    EXPECT_EQ(image.update_time(), 1790000000u);
    unsigned files = 0;
    for (const Section& section : image.sections()) {
        if (section.name != "updatetime") continue;
        EXPECT_EQ(load_le32(&image.content(section)[4]), 1790000000u);
        ++files;
    }
    EXPECT_EQ(files, 2u);
    EXPECT_EQ(load_be32(&image.bytes().last(4)[0]), 0xffffffffu);
}

TEST(UpdateTimes, are_written_to_both_places_or_none) {
    ImageMaker maker(2 * 1024 * 1024);
    maker.add(Kind::code, code()).file("updatetime", std::string(8, '\0')).pad_to(partition_a);
    maker.file("bootsys", "x");
    add_changeable(maker, 0x50000, usual_text);
    Image image = maker.image();
    EXPECT_FALSE(image.set_update_time(1790000000));
    EXPECT_EQ(copy(image), maker.bytes);
}

}  // namespace
}  // namespace bootwire::eeprom
