#include "iscsi/lun.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "iscsi/scsi.h"

namespace bootwire::iscsi {
namespace {

TEST(Lun, is_read_in_hexadecimal_flat_and_grouped) {
    EXPECT_EQ(Lun::parse("")->wire, 0u);
    EXPECT_EQ(Lun::parse("0")->wire, 0u);
    EXPECT_EQ(Lun::parse("a")->wire, 0x000a000000000000u);
    EXPECT_EQ(Lun::parse("0-0-0-0")->wire, 0u);
    EXPECT_EQ(Lun::parse("4752-3A4F-6b7e-2F99")->wire, 0x47523a4f6b7e2f99u);
    EXPECT_EQ(Lun::parse("1-2")->wire, 0x0001000200000000u);
    EXPECT_EQ(Lun::parse("0001000000000000")->wire, 0x0001000000000000u);
    for (const char* text : {"-", "1-", "-1", "12345", "g", "0x1", "1-2-3-4-5", " 1",
                             "000100000000000", "00010000000000000"}) {
        EXPECT_FALSE(Lun::parse(text)) << text;
    }
}

TEST(Lun, becomes_the_number_of_linux_and_back) {
    EXPECT_EQ(Lun::parse("1")->to_linux(), 1u);
    EXPECT_EQ(Lun::from_number(300)->to_linux(), 0x412cu);
    EXPECT_EQ(Lun::parse("1-2")->to_linux(), 0x20001u);
    EXPECT_EQ(Lun::from_linux(0x20001), *Lun::parse("1-2"));
    EXPECT_FALSE(Lun::from_number(16384));
}

TEST(Lun, is_shown_as_people_know_it) {
    EXPECT_EQ(Lun::from_number(10)->to_string(), "10");
    EXPECT_EQ(Lun::from_number(300)->to_string(), "300");
    EXPECT_EQ(Lun::parse("1-2")->to_string(), "1-2-0-0");
}

TEST(ReportLuns, lists_what_is_there_and_no_more) {
    std::array<uint8_t, 24> data{};
    store_be32(data.data(), 16);
    data[17] = 1;
    const auto luns = decode_report_luns(data);
    ASSERT_TRUE(luns);
    EXPECT_EQ(*luns, (std::vector<Lun>{Lun{0}, *Lun::from_number(1)}));
    EXPECT_EQ(decode_report_luns(Bytes(data).first(20))->size(), 1u);
    store_be32(data.data(), 0xffffffff);
    EXPECT_EQ(decode_report_luns(data)->size(), 2u);
    EXPECT_EQ(report_luns_size(data), 8u + uint64_t{0xffffffff});
    store_be32(data.data(), 8);
    EXPECT_EQ(decode_report_luns(data)->size(), 1u);
    EXPECT_FALSE(decode_report_luns(Bytes(data).first(7)));
}

TEST(Inquiry, tells_type_and_maker) {
    std::string text(
        "\x00\x80\x05\x02\x1f\x00\x00\x00"
        "IET     VIRTUAL-DISK    0001",
        36);
    const auto bytes = [&] { return bytes_of(text); };
    const auto disk = decode_inquiry(bytes());
    ASSERT_TRUE(disk);
    EXPECT_TRUE(disk->is_disk());
    EXPECT_EQ(disk->vendor.view(), "IET");
    EXPECT_EQ(disk->product.view(), "VIRTUAL-DISK");
    EXPECT_EQ(disk->revision.view(), "0001");
    text[0] = 0x0c;
    EXPECT_FALSE(decode_inquiry(bytes())->is_disk());
    text[0] = 0x7f;
    EXPECT_EQ(decode_inquiry(bytes())->qualifier, 3);
    text[4] = 4;
    EXPECT_TRUE(decode_inquiry(bytes())->vendor.empty());
    EXPECT_FALSE(decode_inquiry(bytes().first(4)));
}

TEST(Lun, is_one_byte_up_to_255_and_flat_up_to_16383) {
    EXPECT_EQ(Lun::from_number(255)->wire, 0x00ff000000000000u);
    EXPECT_EQ(Lun::from_number(256)->wire, 0x4100000000000000u);
    EXPECT_EQ(Lun::from_number(16383)->wire, 0x7fff000000000000u);
    EXPECT_EQ(Lun::from_number(16383)->number(), 16383u);
    EXPECT_EQ(Lun{0x8001000000000000}.number(), 0x8001u) << "no flat address";
    EXPECT_EQ(Lun{0x4001000000000001}.number(), Lun{0x4001000000000001}.to_linux());
    EXPECT_EQ(Lun{0x0001000200030004}.to_linux(), 0x0004000300020001u);
    EXPECT_EQ(Lun::from_linux(0x0004000300020001).wire, 0x0001000200030004u);
    EXPECT_EQ(Lun{0x0001000200030004}.to_string(), "1-2-3-4");
}

TEST(ReportLuns, takes_1024_and_no_more) {
    std::vector<uint8_t> data(8 + 1025 * 8);
    store_be32(data.data(), 1025 * 8);
    EXPECT_EQ(decode_report_luns(data)->size(), 1024u);
    EXPECT_EQ(decode_report_luns(Bytes(data).first(8))->size(), 0u);
    EXPECT_EQ(decode_report_luns(Bytes(data).first(16))->size(), 1u);
    EXPECT_EQ(report_luns_size(Bytes(data).first(7)), 8u);
    EXPECT_EQ(report_luns_size(Bytes(data).first(8)), 8u + 1025 * 8);
}

TEST(Inquiry, has_the_texts_that_are_whole) {
    std::vector<uint8_t> data(36, 'x');
    data[4] = 31;
    for (const auto& [size, texts] :
         {std::pair{15u, 0}, {16u, 1}, {31u, 1}, {32u, 2}, {35u, 2}, {36u, 3}}) {
        const auto read = decode_inquiry(Bytes(data).first(size));
        ASSERT_TRUE(read);
        EXPECT_EQ(!read->vendor.empty() + !read->product.empty() + !read->revision.empty(), texts)
            << size;
    }
    EXPECT_EQ(decode_inquiry(data)->vendor.view(), "xxxxxxxx");
    EXPECT_TRUE(decode_inquiry(Bytes(data).first(5)));
    std::fill(data.begin() + 8, data.begin() + 16, uint8_t{' '});
    EXPECT_TRUE(decode_inquiry(data)->vendor.empty());
}

TEST(Inquiry, ends_where_its_length_says) {
    std::vector<uint8_t> data(36, 'x');
    for (const auto& [length, vendor] : {std::pair{10, ""}, {11, "xxxxxxxx"}}) {
        data[4] = static_cast<uint8_t>(length);
        EXPECT_EQ(decode_inquiry(data)->vendor.view(), vendor) << length;
    }
}

}  // namespace
}  // namespace bootwire::iscsi
