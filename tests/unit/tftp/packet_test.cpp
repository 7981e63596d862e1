#include "tftp/packet.h"

#include <gtest/gtest.h>

#include <string>

namespace bootwire::tftp {
namespace {

std::string text(const std::vector<uint8_t>& packet) {
    return std::string(text_of(packet));
}

TEST(Packet, of_a_request_has_path_mode_and_options) {
    EXPECT_EQ(text(build_request("a/b", {{"tsize", "0"}, {"blksize", "1428"}})),
              std::string("\0\1a/b\0octet\0tsize\0"
                          "0\0blksize\0"
                          "1428\0",
                          33));
    EXPECT_EQ(text(build_request("m", {})), std::string("\0\1m\0octet\0", 10));
}

TEST(Packet, of_an_acknowledgement_has_the_block) {
    EXPECT_EQ(build_acknowledgement(0xfffe), (std::vector<uint8_t>{0, 4, 0xff, 0xfe}));
}

TEST(Packet, of_a_failure_has_code_and_text) {
    EXPECT_EQ(text(build_failure(3, "full")), std::string("\0\5\0\3full\0", 9));
}

TEST(Packet, with_data_is_read) {
    const std::vector<uint8_t> packet{0, 3, 0x12, 0x34, 'x', 'y'};
    const auto answer = parse_answer(packet);
    ASSERT_TRUE(answer);
    const auto* data = std::get_if<Data>(&*answer);
    ASSERT_NE(data, nullptr);
    EXPECT_EQ(data->block, 0x1234);
    EXPECT_EQ(text_of(data->content), "xy");
}

TEST(Packet, of_a_failure_is_read_with_and_without_its_zero_byte) {
    for (const std::string& end : {std::string("\0rest", 5), std::string()}) {
        const std::string packet = std::string("\0\5\0\1no", 6) + end;
        const auto answer = parse_answer(bytes_of(packet));
        ASSERT_TRUE(answer);
        const auto* failure = std::get_if<Failure>(&*answer);
        ASSERT_NE(failure, nullptr);
        EXPECT_EQ(failure->code, 1);
        EXPECT_EQ(failure->text, "no");
    }
}

TEST(Packet, with_options_is_read_whatever_their_case) {
    const std::string packet(
        "\0\6BlkSize\0"
        "1428\0tsize\0"
        "9\0",
        23);
    const auto answer = parse_answer(bytes_of(packet));
    ASSERT_TRUE(answer);
    const auto* taken = std::get_if<OptionsTaken>(&*answer);
    ASSERT_NE(taken, nullptr);
    EXPECT_EQ(taken->options, (std::vector<Option>{{"blksize", "1428"}, {"tsize", "9"}}));
}

TEST(Packet, that_no_server_sends_is_none) {
    for (const std::string& packet :
         {std::string(), std::string("\0", 1), std::string("\0\3", 2), std::string("\0\3\1", 3),
          std::string("\0\1m\0octet\0", 10), std::string("\0\4\0\1", 4), std::string("\1\3\0\1", 4),
          std::string("\0\6blksize\0"
                      "1428",
                      14),
          std::string("\0\6blksize\0", 10)}) {
        EXPECT_FALSE(parse_answer(bytes_of(packet))) << packet.size();
    }
}

}  // namespace
}  // namespace bootwire::tftp
