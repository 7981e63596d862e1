#include "iscsi/reservation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace bootwire::iscsi {
namespace {

TEST(Sense, is_read_in_both_formats) {
    const uint8_t fixed[] = {0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x2a, 3, 0, 0, 0, 0};
    const uint8_t descriptor[] = {0x72, 5, 0x20, 1, 0, 0, 0, 0};
    EXPECT_EQ(decode_sense(fixed)->key, 6);
    EXPECT_EQ(decode_sense(fixed)->code, 0x2a);
    EXPECT_EQ(decode_sense(descriptor)->key, 5);
    EXPECT_EQ(decode_sense(descriptor)->qualifier, 1);
    EXPECT_FALSE(decode_sense({}));
}

TEST(Sense, is_what_the_bytes_hold_and_no_more) {
    const std::array<uint8_t, 14> fixed{0xf1, 0, 0xf5, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0x24, 1};
    ASSERT_TRUE(decode_sense(fixed)) << "deferred, with the valid bit";
    EXPECT_EQ(decode_sense(fixed)->key, 5);
    EXPECT_EQ(decode_sense(fixed)->code, 0x24);
    EXPECT_EQ(decode_sense(fixed)->qualifier, 1);
    const auto cut = decode_sense(Bytes(fixed).first(13));
    ASSERT_TRUE(cut);
    EXPECT_EQ(cut->key, 5);
    EXPECT_EQ(cut->code, 0);
    EXPECT_TRUE(decode_sense(Bytes(fixed).first(4)));
    EXPECT_FALSE(decode_sense(Bytes(fixed).first(3)));
    const std::array<uint8_t, 4> deferred{0x73, 0xf6, 0x29, 2};
    ASSERT_TRUE(decode_sense(deferred));
    EXPECT_EQ(decode_sense(deferred)->key, 6);
    EXPECT_EQ(decode_sense(deferred)->code, 0x29);
    EXPECT_EQ(decode_sense(deferred)->qualifier, 2);
    for (const uint8_t format : {0x00, 0x6f, 0x74, 0x7f}) {
        EXPECT_FALSE(decode_sense(std::array<uint8_t, 18>{format, 6, 6, 6})) << int{format};
    }
}

TEST(ReserveCommands, have_the_bytes_of_spc_4) {
    const ScsiCommand in = reserve_in(ReserveIn::read_full_status, 0x0102);
    EXPECT_EQ(in.cdb, (std::array<uint8_t, 16>{0x5e, 3, 0, 0, 0, 0, 0, 1, 2}));
    EXPECT_EQ(in.cdb_length, 10u);
    EXPECT_EQ(in.in_length, 0x0102u);
    EXPECT_EQ(in.out_length, 0u);

    // Type 5 is Write Exclusive, Registrants Only; the parameter list has 24 bytes.
    const ScsiCommand out =
        reserve_out(ReserveOut::preempt, 0x0102030405060708, 0x1112131415161718, true);
    EXPECT_EQ(out.cdb, (std::array<uint8_t, 16>{0x5f, 4, 5, 0, 0, 0, 0, 0, 24}));
    EXPECT_EQ(out.cdb_length, 10u);
    EXPECT_EQ(out.in_length, 0u);
    EXPECT_EQ(out.out_length, 24u);
    EXPECT_EQ(out.out,
              (std::array<uint8_t, 24>{1,    2,    3,    4,    5,    6, 7, 8, 0x11, 0x12, 0x13,
                                       0x14, 0x15, 0x16, 0x17, 0x18, 0, 0, 0, 0,    1}));
    EXPECT_EQ(reserve_out(ReserveOut::reserve, 1, 2).out[20], 0) << "no memory asked for";
}

TEST(ReservationData, are_those_of_a_holder_as_far_as_they_are_whole) {
    std::array<uint8_t, 24> data{0, 0, 0, 1, 0, 0, 0, 16, 1, 2, 3, 4, 5, 6, 7, 8};
    data[21] = 0xf5;
    const auto held = decode_reservation(data);
    ASSERT_TRUE(held);
    EXPECT_TRUE(held->held);
    EXPECT_EQ(held->key, 0x0102030405060708u);
    EXPECT_EQ(held->type, 5);
    EXPECT_FALSE(decode_reservation(Bytes(data).first(23))) << "who holds it is not known";
    EXPECT_FALSE(decode_reservation(Bytes(data).first(8)));
    EXPECT_FALSE(decode_reservation(Bytes(data).first(7)));
    data[7] = 15;
    EXPECT_FALSE(decode_reservation(data));
    data[7] = 0;
    ASSERT_TRUE(decode_reservation(Bytes(data).first(8)));
    EXPECT_FALSE(decode_reservation(data)->held);
}

/// A full status descriptor of SPC-4 section 6.16.5.
std::vector<uint8_t> registrant(uint64_t key, uint8_t flags, std::string_view name,
                                uint8_t protocol = 0x45) {
    std::vector<uint8_t> bytes(24 + 4 + name.size());
    store_be64(&bytes[0], key);
    bytes[12] = flags;
    store_be32(&bytes[20], static_cast<uint32_t>(4 + name.size()));
    bytes[24] = protocol;
    store_be16(&bytes[26], static_cast<uint16_t>(name.size()));
    std::ranges::copy(name, bytes.begin() + 28);
    return bytes;
}

std::vector<Registrant> read_registrants(const std::vector<std::vector<uint8_t>>& descriptors,
                                         size_t cut = 0) {
    std::vector<uint8_t> data(8);
    for (const auto& each : descriptors)
        data.insert(data.end(), each.begin(), each.end());
    store_be32(&data[4], static_cast<uint32_t>(data.size() - 8));
    data.resize(data.size() - cut);
    std::vector<Registrant> found;
    Registrants registrants(data);
    while (const auto one = registrants.next())
        found.push_back(*one);
    return found;
}

TEST(Registrants, are_walked_over_with_their_keys_and_names) {
    const std::string with_isid("iqn.2026-11.lab:b,i,0x00023d000001\0", 36);
    const auto found =
        read_registrants({registrant(1, 0, {}), registrant(2, 3, with_isid),
                          registrant(3, 2, std::string_view("iqn.2026-11.lab:c\0\0", 19))});
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].key, 1u);
    EXPECT_FALSE(found[0].holder);
    EXPECT_TRUE(found[0].initiator.empty());
    EXPECT_EQ(found[1].key, 2u);
    EXPECT_TRUE(found[1].holder);
    EXPECT_EQ(found[1].initiator.view(), "iqn.2026-11.lab:b");
    EXPECT_FALSE(found[2].holder) << "bit 1 says that it holds at all ports";
    EXPECT_EQ(found[2].initiator.view(), "iqn.2026-11.lab:c");
}

TEST(Registrants, have_no_name_that_is_none_or_of_another_protocol) {
    EXPECT_TRUE(read_registrants({registrant(1, 1, "init=/bin/sh")}).at(0).initiator.empty());
    EXPECT_TRUE(
        read_registrants({registrant(1, 1, "iqn.2026-11.lab:a", 0x46)}).at(0).initiator.empty());
    auto empty = registrant(1, 1, {});
    store_be32(&empty[20], 3);
    empty.resize(27);
    EXPECT_EQ(read_registrants({empty, registrant(2, 0, {})}).size(), 2u);
}

TEST(Registrants, end_where_the_bytes_do) {
    const auto one = registrant(1, 1, "iqn.2026-11.lab:a");
    EXPECT_EQ(read_registrants({one, std::vector<uint8_t>(23)}).size(), 1u);
    EXPECT_EQ(read_registrants({one, std::vector<uint8_t>(24)}).size(), 2u);
    EXPECT_EQ(read_registrants({one}, 1).at(0).initiator.view(), "iqn.2026-11.lab:");
    EXPECT_TRUE(read_registrants({one}, one.size() - 23).empty());
    EXPECT_EQ(read_registrants({one}, one.size() - 24).size(), 1u);
}

}  // namespace
}  // namespace bootwire::iscsi
