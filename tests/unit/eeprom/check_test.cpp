#include "eeprom/check.h"

#include <gtest/gtest.h>

#include "eeprom/unpack.h"
#include "images.h"

namespace bootwire::eeprom {
namespace {

using Verdict = Finding::Verdict;

/// The finding about the first file of that name.
Finding about(const ImageMaker& maker, std::string_view name) {
    const Image image = maker.image();
    const auto findings = check_sections(image);
    EXPECT_EQ(findings.size(), image.sections().size());
    return findings[static_cast<size_t>(image.find(name) - image.sections().data())];
}

std::string text(const std::optional<std::vector<uint8_t>>& bytes) {
    return bytes ? std::string(text_of(*bytes)) : "none";
}

Bytes bytes(std::string_view text) {
    return bytes_of(text);
}

TEST(Packed, files_of_lz4_repeat_what_came_before) {
    // 3 literals, then 3 bytes back for 9 bytes; then 1 literal.
    const std::string block(
        "\x35"
        "abc"
        "\x03\x00"
        "\x10"
        "!",
        8);
    std::string frame("\x04\x22\x4d\x18\x60\x40\x82\x08\0\0\0", 11);
    frame += block + std::string(4, '\0');
    EXPECT_EQ(text(unpack_lz4(bytes(frame))), "abcabcabcabc!");
    for (size_t cut = 0; cut < frame.size(); ++cut)
        EXPECT_FALSE(unpack_lz4(bytes(frame).first(cut))) << cut;
    frame[15] = '\x04';  // further back than there is something
    EXPECT_FALSE(unpack_lz4(bytes(frame)));
    EXPECT_EQ(text(unpack_lz4(bytes(lz4_frame("as it is")))), "as it is");
}

TEST(Packed, files_of_the_older_way_repeat_what_came_before) {
    EXPECT_EQ(text(unpack_pairs(bytes(std::string("\x08"
                                                  "abc\x02\x05!",
                                                  7)))),
              "abcabcabc!");
    EXPECT_EQ(text(unpack_pairs(bytes(""))), "");
    EXPECT_FALSE(
        unpack_pairs(bytes("\x08"
                           "abc\x03\x05")));
    EXPECT_FALSE(
        unpack_pairs(bytes("\x08"
                           "abc\x02")));
}

TEST(Packed, files_do_not_grow_without_bounds) {
    const std::string pair("\0\xff", 2);  // the last byte, 256 times
    std::string pairs =
        "\x02"
        "a" +
        pair + "bcdefg";
    const std::string group = "\xff" + pair + pair + pair + pair + pair + pair + pair + pair;
    while (pairs.size() / 17 * 8 * 256 <= largest_unpacked)
        pairs += group;
    EXPECT_FALSE(unpack_pairs(bytes(pairs)));
}

TEST(Checks, compare_packed_files_with_their_sums) {
    EXPECT_EQ(about(image_2711(), "bootmain").verdict, Verdict::whole);
    ImageMaker maker = image_2711();
    const Image image = maker.image();
    const Section& section = *image.find("bootmain");
    maker.bytes[section.offset + 24 + 11] ^= 1;
    EXPECT_EQ(about(maker, "bootmain").verdict, Verdict::damaged);
    maker.bytes[section.offset + 24] ^= 1;
    EXPECT_EQ(about(maker, "bootmain").what, "it can't be unpacked");
}

TEST(Checks, say_what_cannot_be_checked) {
    ImageMaker maker = image_2711();
    maker.file("memsys00.bin", "secret", Kind::hidden_file)
        .packed("mcb.bin", std::string("\0a", 2), "a", Kind::packed_file);
    EXPECT_EQ(about(maker, "memsys00.bin").verdict, Verdict::not_checked);
    EXPECT_EQ(about(maker, "mcb.bin").verdict, Verdict::whole);
    EXPECT_EQ(about(maker, "bootconf.txt").verdict, Verdict::not_checked);
    EXPECT_EQ(about(maker, "pubkey.bin").what, "empty");
    EXPECT_EQ(check_sections(maker.image()).front().verdict, Verdict::not_checked);
}

TEST(Checks, compare_the_configuration_with_its_signature) {
    const auto signed_image = [](std::string_view of) {
        ImageMaker maker(512 * 1024);
        maker.add(Kind::code, code()).pad_to(0x40000);
        maker.file("bootconf.sig", hex(sha256(bytes_of(of))) + "\nts: 1\nrsa2048: 00\n");
        maker.file("bootconf.txt", usual_text);
        return maker;
    };
    EXPECT_EQ(about(signed_image(usual_text), "bootconf.sig").verdict, Verdict::not_checked);
    EXPECT_EQ(about(signed_image("other"), "bootconf.sig").what, "it is of another bootconf.txt");
}

TEST(Checks, compare_the_time_of_the_update_with_its_complement) {
    ImageMaker maker = image_with_two_partitions();
    EXPECT_EQ(about(maker, "updatetime").verdict, Verdict::whole);
    const Image image = maker.image();
    maker.bytes[image.find("updatetime")->offset + 24] ^= 1;
    EXPECT_EQ(about(maker, "updatetime").verdict, Verdict::damaged);
}

}  // namespace
}  // namespace bootwire::eeprom
