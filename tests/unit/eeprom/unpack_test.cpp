// Files of an image unpacked: each field of an LZ4 frame, and the bounds of both ways.
#include "eeprom/unpack.h"

#include <gtest/gtest.h>

#include <string>

namespace bootwire::eeprom {
namespace {

std::string le32(size_t value) {
    std::string bytes(4, '\0');
    store_le32(reinterpret_cast<uint8_t*>(bytes.data()), static_cast<uint32_t>(value));
    return bytes;
}

/// A frame with these flags, and the header's further fields; its blocks follow.
std::string start(char flags, const std::string& fields = {}) {
    return "\x04\x22\x4d\x18" + std::string(1, flags) + "\x40" + fields + "\x82";
}

std::string block(const std::string& content) {
    return le32(content.size()) + content;
}

std::string as_it_is(const std::string& content) {
    return le32(content.size() | 1U << 31) + content;
}

const std::string end(4, '\0');

std::string unpacked(const std::string& frame) {
    const auto bytes = unpack_lz4(bytes_of(frame));
    return bytes ? std::string(text_of(*bytes)) : "none";
}

TEST(Lz4Frame, has_the_fields_that_its_flags_say) {
    EXPECT_EQ(unpacked(start('\x60') + as_it_is("abc") + end), "abc");
    EXPECT_EQ(unpacked(start('\x60') + end), "");
    EXPECT_EQ(unpacked(start('\x60') + as_it_is("abc") + as_it_is("def") + end), "abcdef");
    EXPECT_EQ(unpacked(start('\x68', "12345678") + as_it_is("abc") + end), "abc");
    EXPECT_EQ(unpacked(start('\x70') + as_it_is("abc") + "sum1" + as_it_is("d") + "sum2" + end),
              "abcd");
    EXPECT_EQ(unpacked(start('\x61') + as_it_is("abc") + end), "none") << "a dictionary";
    EXPECT_EQ(unpacked("\x05\x22\x4d\x18\x60\x40\x82" + as_it_is("abc") + end), "none");
    EXPECT_EQ(unpacked(start('\x70') + as_it_is("abc") + "sum"), "none");
    EXPECT_EQ(unpacked(start('\x60') + block("") + as_it_is("abc") + end), "")
        << "a block of no bytes is the end";
}

TEST(Lz4Block, has_lengths_of_more_than_one_byte) {
    const auto text = [](const std::string& content) {
        return unpacked(start('\x60') + block(content) + end);
    };
    const std::string a(14, 'a');
    EXPECT_EQ(text("\xe0" + a), a);
    EXPECT_EQ(text(std::string("\xf0\0", 2) + a + "a"), a + "a");
    EXPECT_EQ(text("\xf0\x01" + a + "aa"), a + "aa");
    EXPECT_EQ(text("\xf0\xfe" + std::string(15 + 254, 'b')), std::string(15 + 254, 'b'));
    EXPECT_EQ(text(std::string("\xf0\xff\0", 3) + std::string(15 + 255, 'b')),
              std::string(15 + 255, 'b'));
    EXPECT_EQ(text("\xf0\xff\x02" + std::string(15 + 255 + 2, 'b')),
              std::string(15 + 255 + 2, 'b'));
    // A match of 14 + 4, of 15 + 0 + 4, and of 15 + 1 + 4 bytes.
    const std::string back("\1\0", 2), last("\x10z", 2);
    EXPECT_EQ(text("\x1e" + ("c" + back) + last), std::string(19, 'c') + "z");
    EXPECT_EQ(text("\x1f" + ("c" + back) + std::string(1, '\0') + last),
              std::string(20, 'c') + "z");
    EXPECT_EQ(text("\x1f" + ("c" + back) + "\x01" + last), std::string(21, 'c') + "z");
    EXPECT_EQ(text("\xf0"), "none");
    EXPECT_EQ(text("\xf0\xff"), "none");
}

TEST(Lz4Block, repeats_what_there_is_and_ends_with_bytes_of_its_own) {
    const auto text = [](const std::string& content) {
        return unpacked(start('\x60') + block(content) + end);
    };
    const std::string last("\x10z", 2);
    EXPECT_EQ(text("\x20" + ("ab" + std::string("\2\0", 2)) + last), "abababz");
    EXPECT_EQ(text("\x20" + ("ab" + std::string("\3\0", 2)) + last), "none");
    EXPECT_EQ(text("\x20" + ("ab" + std::string("\0\0", 2)) + last), "none");
    EXPECT_EQ(text("\x20" + ("ab" + std::string("\2\0", 2))), "none") << "no last token";
    EXPECT_EQ(text("\x20" + ("ab" + std::string("\2", 1))), "none");
    EXPECT_EQ(text("\x30"
                   "ab"),
              "none");
}

TEST(Unpacked, files_have_4_mib_at_most) {
    std::string most = start('\x60');
    for (int i = 0; i < 4; ++i)
        most += as_it_is(std::string(1 << 20, 'a'));
    EXPECT_EQ(unpacked(most + end).size(), largest_unpacked);
    EXPECT_EQ(unpacked(most + as_it_is("b") + end), "none");
    // The same by what repeats: a byte, and all others are like it; the last token has none.
    const auto repeated = [&](size_t more) {
        const size_t rest = largest_unpacked + more - 1 - 4 - 15;
        return unpacked(
            start('\x60') +
            block("\x1f" + ("a" + std::string("\1\0", 2)) + std::string(rest / 255, '\xff') +
                  std::string(1, static_cast<char>(rest % 255)) + std::string(1, '\0')) +
            end);
    };
    EXPECT_EQ(repeated(0).size(), largest_unpacked);
    EXPECT_EQ(repeated(1), "none");
}

TEST(UnpackedPairs, have_a_distance_and_a_length_of_up_to_256) {
    const auto text = [](const std::string& packed) {
        const auto bytes = unpack_pairs(bytes_of(packed));
        return bytes ? std::string(text_of(*bytes)) : "none";
    };
    EXPECT_EQ(text("\x02"
                   "a" +
                   std::string("\0\xff", 2)),
              std::string(257, 'a'));
    EXPECT_EQ(text("\x02"
                   "a" +
                   std::string("\1\0", 2)),
              "none");
    EXPECT_EQ(text("\x04"
                   "ab" +
                   std::string("\1\0", 2)),
              "aba");
    EXPECT_EQ(text(std::string("\0abcdefgh\0i", 11)), "abcdefghi");
    EXPECT_EQ(text("\x80"
                   "abcdefg" +
                   std::string("\6\1", 2)),
              "abcdefgab");
}

}  // namespace
}  // namespace bootwire::eeprom
