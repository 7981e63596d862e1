// What images, their files and their configuration may just be, and what they may just not.
#include <gtest/gtest.h>

#include "eeprom/boot_order.h"
#include "eeprom/check.h"
#include "eeprom/config.h"
#include "eeprom/release.h"
#include "eeprom/update.h"
#include "images.h"

namespace bootwire::eeprom {
namespace {

using Verdict = Finding::Verdict;

/// raspberrypi.com/documentation, "BOOT_ORDER".
TEST(BootOrderDigits, stand_for_what_the_documentation_says) {
    const std::pair<uint32_t, const char*> words[] = {{0x0, "SD card, when one is put in"},
                                                      {0x1, "SD card"},
                                                      {0x2, "network"},
                                                      {0x3, "rpiboot"},
                                                      {0x4, "USB"},
                                                      {0x5, "USB-C"},
                                                      {0x6, "NVMe"},
                                                      {0x7, "HTTP"},
                                                      {0xe, "stop"},
                                                      {0xf, "again from the start"}};
    for (const auto& [digit, word] : words) {
        EXPECT_EQ(boot_order_in_words(digit), word);
        EXPECT_EQ(boot_order_in_words(0xf0 | digit),
                  digit >= 0xe ? word : std::string(word) + ", again from the start");
        EXPECT_EQ(parse_boot_order("0xf" + std::string(1, "0123456789abcdef"[digit])),
                  0xf0 | digit);
    }
    for (const char* unknown : {"0xf8", "0xf9", "0xfa", "0xfb", "0xfc", "0xfd", "0x8f"}) {
        EXPECT_FALSE(parse_boot_order(unknown)) << unknown;
    }
    EXPECT_EQ(boot_order_in_words(0xf81), "SD card, unknown, again from the start");
}

TEST(BootOrderDigits, are_eight_at_most) {
    EXPECT_EQ(parse_boot_order("0x76543217"), 0x76543217u);
    EXPECT_EQ(parse_boot_order("0x00000041"), 0x41u);
    EXPECT_FALSE(parse_boot_order("0x000000041"));
    EXPECT_EQ(with_network(0x1345671), 0x13456721u);
    EXPECT_FALSE(with_network(0x13456711));
    EXPECT_EQ(with_network(0), 0x20u);
    EXPECT_EQ(order_with_network("").value_or(""), "0xf421");
    EXPECT_EQ(order_with_network(" 0xF21 ").value_or(""), " 0xF21 ");
}

TEST(Sha256Text, is_that_of_the_standard) {
    EXPECT_EQ(hex(sha256(bytes_of(std::string_view("abc")))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sections, may_reach_to_the_images_end_and_files_may_be_empty) {
    ImageMaker maker(512 * 1024);
    maker.add(Kind::code, code()).file("empty", "").pad_to(512 * 1024 - 32);
    maker.file("last", "12345678");
    const Image image = maker.image();
    ASSERT_NE(image.find("empty"), nullptr);
    EXPECT_TRUE(image.content(*image.find("empty")).empty());
    EXPECT_EQ(text_of(image.content(*image.find("last"))), "12345678");
    EXPECT_EQ(image.end(), 512u * 1024);
    store_be32(&maker.bytes[512 * 1024 - 32 + 4], 25);
    EXPECT_FALSE(Image::parse(maker.bytes));
}

TEST(Sections, end_where_a_word_of_zeros_is) {
    ImageMaker maker(512 * 1024);
    maker.add(Kind::code, code()).file("a", "1");
    store_be32(&maker.bytes[maker.at], 0);
    EXPECT_EQ(maker.image().sections().size(), 2u);
    store_be32(&maker.bytes[maker.at], 1);
    EXPECT_FALSE(Image::parse(maker.bytes));
}

TEST(Sections, begin_with_code_and_have_names_of_characters_that_can_be_seen) {
    ImageMaker other(512 * 1024);
    other.file("a", "1").add(Kind::code, code());
    EXPECT_FALSE(Image::parse(other.bytes));
    for (const auto& [name, good] : {std::pair{std::string("sixteen letters!"), false},
                                     {std::string("sixteen.letters!"), true},
                                     {std::string(), false},
                                     {std::string("a\0b", 3), false}}) {
        ImageMaker maker(512 * 1024);
        maker.add(Kind::code, code()).file(name, "1");
        EXPECT_EQ(Image::parse(maker.bytes).has_value(), good) << name;
    }
}

TEST(Sections, that_would_come_to_light_behind_a_configuration_are_not_made) {
    ImageMaker maker = image_2711(usual_text, 0x7ea00);
    std::fill(maker.bytes.begin() + 0x7f000, maker.bytes.end(), uint8_t{0x11});
    Image image = maker.image();
    EXPECT_TRUE(image.replace_configuration(std::string(1504, '#'))) << "erased flash ends it";
    image = maker.image();
    EXPECT_FALSE(image.replace_configuration(std::string(1505, '#')));
    EXPECT_EQ(image.configuration().value_or(""), usual_text);
    ImageMaker found = image_2711(usual_text, 0x7ea00);
    found.at = 0x7f000;
    found.file("hidden", "1");
    image = found.image();
    EXPECT_FALSE(image.replace_configuration(std::string(1512, '#')));
}

TEST(ConfigurationPlaces, are_from_the_first_byte_of_a_partition_on) {
    ImageMaker first(512 * 1024);
    first.add(Kind::code, code()).pad_to(partition_a).file("bootconf.txt", "A=1\n");
    EXPECT_EQ(first.image().configuration().value_or(""), "A=1\n");

    ImageMaker second = image_with_two_partitions();
    second.at = partition_b;
    second.file("bootconf.txt", "B=1\n");
    EXPECT_EQ(second.image().configuration().value_or(""), usual_text) << "one is its own";
    second.at = partition_b;
    second.file("bootsys", std::string(0x1ff800 - partition_b - 24, 'x'));
    EXPECT_TRUE(second.image().configuration()) << "what it does with its last page, too";

    Image last = image_2711(usual_text, 0x7ea00).image();
    ASSERT_TRUE(last.replace_configuration(std::string(1512, '#')));
    EXPECT_EQ(last.configuration().value_or("").size(), 1512u) << "up to the last page";
}

TEST(UpdateTimeWords, count_if_one_is_the_complement_of_the_other) {
    const auto time = [](uint32_t inverted, uint32_t seconds) {
        ImageMaker maker = image_2711();
        store_le32(&maker.bytes[512 * 1024 - 8], inverted);
        store_le32(&maker.bytes[512 * 1024 - 4], seconds);
        return maker.image().update_time();
    };
    EXPECT_EQ(time(~1U, 1), 1u);
    EXPECT_EQ(time(~1U, 2), std::nullopt);
    EXPECT_EQ(time(~0U, 0), std::nullopt) << "never";
    EXPECT_EQ(time(0, ~0U), std::nullopt) << "erased flash in one of them";
    EXPECT_EQ(time(1, ~1U), ~1U);
}

TEST(UpdateTimeWords, are_in_files_that_have_room_for_them) {
    const auto with = [](std::string_view content, Kind kind = Kind::file) {
        ImageMaker maker(2 * 1024 * 1024);
        maker.add(Kind::code, code()).file("updatetime", content, kind).pad_to(partition_a);
        maker.file("bootsys", "x").file("updatetime", std::string(8, '\0'));
        add_changeable(maker, 0x50000, usual_text);
        Image image = maker.image();
        EXPECT_TRUE(image.set_update_time(5));
        EXPECT_EQ(image.update_time(), 5u);
        return load_le32(&image.bytes().last(4)[0]) == 5;
    };
    EXPECT_FALSE(with(std::string(8, '\0')));
    EXPECT_TRUE(with(std::string(7, '\0'))) << "at the image's end then";
    EXPECT_TRUE(with(std::string(8, '\0'), Kind::hidden_file));
}

TEST(UpdateTimeWords, are_in_the_file_before_the_first_partition) {
    ImageMaker maker(2 * 1024 * 1024);
    maker.add(Kind::code, code()).pad_to(partition_a).file("updatetime", std::string(8, '\0'));
    Image image = maker.image();
    EXPECT_TRUE(image.set_update_time(5));
    EXPECT_EQ(load_le32(&image.bytes().last(4)[0]), 5u);
}

TEST(ReleaseWords, are_read_as_far_as_they_are_of_their_kind) {
    const auto release = [](std::string_view words) {
        ImageMaker maker(512 * 1024);
        return release_of(maker.add(Kind::code, words).image());
    };
    EXPECT_EQ(release("BUILD_TIMESTAMP=12x").built, 12u);
    EXPECT_EQ(release("BUILD_TIMESTAMP= 12").built, 12u);
    EXPECT_EQ(release("BUILD_TIMESTAMP=  12").built, std::nullopt);
    EXPECT_EQ(release("VERSION:" + std::string(41, 'a')).version, std::string(40, 'a'));
    EXPECT_EQ(release("MFG_VER:7").manufacture, 7u);
}

TEST(OwnersBlock, is_one_if_its_length_and_its_key_are_right) {
    const auto is_signed = [](uint32_t length_less, uint32_t key, size_t size = 12 + 256 + 264) {
        std::string block(size, 's');
        const std::string payload = code();
        auto* bytes = reinterpret_cast<uint8_t*>(block.data());
        store_le32(bytes, static_cast<uint32_t>(payload.size()) - length_less);
        store_le32(bytes + 4, key);
        ImageMaker maker(2 * 1024 * 1024);
        maker.add(Kind::code, payload + block);
        return owners_signature(maker.image()).has_value();
    };
    EXPECT_TRUE(is_signed(0, 16));
    EXPECT_FALSE(is_signed(1, 16));
    EXPECT_FALSE(is_signed(0, 15));
    EXPECT_FALSE(is_signed(0, 16, 12 + 256 + 263));
    std::string alone(12 + 256 + 264, 's');
    store_le32(reinterpret_cast<uint8_t*>(alone.data()), 0);
    store_le32(reinterpret_cast<uint8_t*>(alone.data()) + 4, 16);
    ImageMaker bare(2 * 1024 * 1024);
    EXPECT_TRUE(owners_signature(bare.add(Kind::code, alone).image()));
    ImageMaker small(2 * 1024 * 1024);
    small.add(Kind::code, "short");
    EXPECT_FALSE(owners_signature(small.image()));
}

TEST(OwnersFiles, are_empty_as_zeros_or_as_erased_flash) {
    for (const auto& [content, is_signed] : {std::pair{std::string(4, '\xff'), false},
                                             {std::string(4, '\0'), false},
                                             {std::string(4, '\1'), true},
                                             {std::string("\0\0\0\xfe", 4), true}}) {
        ImageMaker maker(512 * 1024);
        maker.add(Kind::code, code()).file("pubkey.bin", content);
        EXPECT_EQ(owners_signature(maker.image()).has_value(), is_signed);
        maker.file("other", "x");
        EXPECT_EQ(owners_signature(maker.image()).has_value(), is_signed);
    }
}

/// The finding about the last section of an image that has it.
Finding last_of(ImageMaker& maker) {
    return check_sections(maker.image()).back();
}

TEST(FindingsOfFiles, are_by_what_each_kind_of_file_holds) {
    using namespace std::string_view_literals;
    const struct {
        std::string_view name, content;
        Verdict verdict;
    } cases[] = {{"bootconf.txt"sv, "A=1\n"sv, Verdict::not_checked},
                 {"bootconf.txt"sv, "A=1\n\0"sv, Verdict::damaged},
                 {"pubkey.bin"sv, "\0\0"sv, Verdict::whole},
                 {"pubkey.bin"sv, "\xff\xff"sv, Verdict::whole},
                 {"pubkey.bin"sv, "\xff\0"sv, Verdict::not_checked},
                 {"bootconf.sig"sv, "nonsense"sv, Verdict::damaged},
                 {"updatetime"sv, "\1\0\0\0\xfe\xff\xff\xff"sv, Verdict::whole},
                 {"updatetime"sv, "\1\0\0\0\xff\xff\xff\xff"sv, Verdict::damaged},
                 {"updatetime"sv, "\1\0\0\0\xfe\xff\xff"sv, Verdict::damaged}};
    for (const auto& [name, content, verdict] : cases) {
        ImageMaker maker(512 * 1024);
        maker.add(Kind::code, code()).file(name, content);
        EXPECT_EQ(last_of(maker).verdict, verdict) << name;
    }
}

TEST(FindingsOfFiles, have_no_sum_where_none_fits) {
    for (const Kind kind : {Kind::packed_file, Kind::lz4_file}) {
        ImageMaker maker(512 * 1024);
        maker.add(Kind::code, code()).file("packed", std::string(31, 'x'), kind);
        EXPECT_EQ(last_of(maker).what, "it is too short for its SHA-256");
    }
    ImageMaker empty(512 * 1024);
    empty.add(Kind::code, code()).packed("packed", "", "", Kind::packed_file);
    EXPECT_EQ(last_of(empty).verdict, Verdict::whole);
}

TEST(FindingsOfFiles, tell_of_a_signature_without_its_text) {
    ImageMaker maker(512 * 1024);
    maker.add(Kind::code, code()).file("bootconf.sig", std::string(64, 'a') + "\n");
    EXPECT_EQ(last_of(maker).what, "there is no bootconf.txt that it could be of");
}

TEST(FindingsOfSections, are_that_padding_is_empty_or_is_not) {
    ImageMaker maker(512 * 1024);
    maker.add(Kind::code, code()).pad_to(0x1000);
    EXPECT_EQ(last_of(maker).verdict, Verdict::whole);
    maker.bytes[0xfff] = 0xfe;
    EXPECT_EQ(last_of(maker).verdict, Verdict::not_checked);
}

RunningBootloader pi4() {
    return {.revision = 0xc03114, .built = 1770000000, .configuration = std::string(usual_text)};
}

TEST(Chips, are_those_of_the_revision_code) {
    EXPECT_EQ(chip_of(0xc03114), Chip::bcm2711);
    EXPECT_EQ(chip_of(0xd04170), Chip::bcm2712);
    for (const uint32_t other : {0xa02082u, 0xd05170u, 0xd00170u, 0x403114u})
        EXPECT_EQ(chip_of(other), std::nullopt) << other;
}

TEST(Replacing, is_for_images_of_an_age_and_boards_that_take_them) {
    ImageMaker silent(512 * 1024);
    add_changeable(silent.add(Kind::code, "MFG_VER: 9"), 0x40000, usual_text);
    EXPECT_FALSE(may_replace(silent.image(), pi4()));
    RunningBootloader running = pi4();
    running.least_manufacture = 1;
    EXPECT_TRUE(may_replace(image_2711().image(), running));
    running.revision = 0xb03140;
    EXPECT_FALSE(may_replace(image_2711().image(), running));
    running = pi4();
    running.configuration = "FREEZE_VERSION=0\n";
    running.built = 1;
    EXPECT_TRUE(may_replace(image_2711().image(), running));
}

TEST(Updates, are_not_made_of_an_image_with_one_time_of_two) {
    ImageMaker maker(2 * 1024 * 1024);
    maker.add(Kind::code, code()).file("updatetime", std::string(8, '\0')).pad_to(partition_a);
    add_changeable(maker.file("bootsys", "x"), 0x50000, usual_text);
    EXPECT_FALSE(prepare_update(maker.image(), "A=1\n", 5));
}

TEST(SignatureLines, are_known_by_their_first_words) {
    const std::string sum(64, 'a');
    const auto signature = parse_signature(sum + "\nts: 12\ntarget-soc: 2711\n");
    ASSERT_TRUE(signature);
    EXPECT_EQ(signature->time, 12u);
    EXPECT_EQ(signature->target, "2711");
    EXPECT_FALSE(signature->has_rsa);
    EXPECT_FALSE(parse_signature(sum + "a"));
    EXPECT_FALSE(parse_signature(std::string(63, 'a')));
    Signature of_image{.sha256 = hex(sha256(image_2711().image().bytes()))};
    EXPECT_TRUE(matches(of_image, image_2711().image())) << "it does not say for which chip";
    of_image.target = "2711";
    EXPECT_TRUE(matches(of_image, image_2711().image()));
}

TEST(ConfigurationTexts, are_changed_up_to_64_kib) {
    const Board board{Chip::bcm2711, {}, {}};
    const std::string longest = "A=1\n" + std::string(largest_text - 4, '#');
    EXPECT_TRUE(set(longest, "A", "2", board));
    EXPECT_FALSE(set(longest + "#", "A", "2", board));
}

TEST(ConfigurationTexts, of_odd_line_ends_get_a_line_of_their_own) {
    const Board board{Chip::bcm2711, {}, {}};
    const auto with = [&](std::string_view text) {
        return set(text, "A", "1", board).value_or("");
    };
    EXPECT_EQ(with("\xef\xbb\xbf"),
              "\xef\xbb\xbf"
              "A=1\n");
    EXPECT_EQ(with("B=1"), "B=1\nA=1\n") << "three bytes that are no mark";
    EXPECT_EQ(with("\nB=1\n"), "\nB=1\nA=1\n");
    EXPECT_EQ(with("odd\n"), "odd\nA=1\n");
    EXPECT_EQ(with("B"), "B\nA=1\n");
    EXPECT_EQ(with("\r\nB=1\r\n"), "\r\nB=1\r\nA=1\r\n");
    EXPECT_EQ(with("# a\n\n# b\n[pi5]\n"), "# a\n\n# b\nA=1\n[pi5]\n");
    EXPECT_EQ(with("[pi5]\n# b\n"), "A=1\n[pi5]\n# b\n");
}

TEST(BoardTypeFilters, have_numbers_below_0x100) {
    const auto applies = [](const std::string& filter, const Board& board) {
        return settings("[" + filter + "]\nA=1\n", board)[0].applies;
    };
    const Board any{Chip::bcm2711, {}, {}};
    const Board pi_4{Chip::bcm2711, 0xc03114, "1abcdef01"};
    EXPECT_EQ(applies("board-type=17", pi_4), Applies::yes);
    EXPECT_EQ(applies("board-type=0x12", pi_4), Applies::no);
    EXPECT_EQ(applies("board-type=0xff", pi_4), Applies::no);
    EXPECT_EQ(applies("board-type=0x100", pi_4), Applies::maybe);
    EXPECT_EQ(applies("board-type=x", pi_4), Applies::maybe);
    EXPECT_EQ(applies("board-type=0x11", any), Applies::maybe);
    EXPECT_EQ(applies("board-type=0x17", any), Applies::no) << "a Pi 5";
    EXPECT_EQ(applies("board-type=0x1a", {Chip::bcm2712, {}, {}}), Applies::maybe);
    EXPECT_EQ(applies("board-type=0xff", any), Applies::maybe) << "a board of tomorrow";
    EXPECT_EQ(applies("pi4", {Chip::bcm2711, 0xc03ff4, {}}), Applies::yes) << "likewise";
    EXPECT_EQ(applies("0xabcdef01", pi_4), Applies::yes);
    EXPECT_EQ(applies("0x22abcdef01", pi_4), Applies::yes);
    EXPECT_EQ(applies("0xabcdef02", pi_4), Applies::no);
    EXPECT_EQ(applies("0xabcdef01", any), Applies::maybe);
    EXPECT_EQ(applies("0xpi", pi_4), Applies::maybe);
}

}  // namespace
}  // namespace bootwire::eeprom
