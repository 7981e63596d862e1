#include "base/secret.h"

#include <gtest/gtest.h>

#include <vector>

namespace bootwire {
namespace {

TEST(EqualInConstantTime, compares_all_bytes_and_the_lengths) {
    const std::vector<uint8_t> right(32, 0x5a);
    EXPECT_TRUE(equal_in_constant_time(right, right));
    for (size_t i = 0; i < right.size(); ++i) {
        auto wrong = right;
        wrong[i] ^= 0x80;
        EXPECT_FALSE(equal_in_constant_time(right, wrong)) << i;
        EXPECT_FALSE(equal_in_constant_time(wrong, right)) << i;
    }
    auto two_wrong = right;
    two_wrong[3] ^= 1;
    two_wrong[4] ^= 1;
    EXPECT_FALSE(equal_in_constant_time(right, two_wrong)) << "differences do not cancel out";
    for (size_t shorter = 0; shorter < right.size(); ++shorter) {
        EXPECT_FALSE(equal_in_constant_time(right, Bytes(right).first(shorter)));
        EXPECT_FALSE(equal_in_constant_time(Bytes(right).first(shorter), right));
    }
    EXPECT_TRUE(equal_in_constant_time({}, {}));
}

TEST(Wipe, overwrites_the_bytes_it_is_given_and_no_others) {
    std::vector<uint8_t> bytes{1, 2, 3, 4};
    wipe(MutableBytes(bytes).subspan(1, 2));
    EXPECT_EQ(bytes, (std::vector<uint8_t>{1, 0, 0, 4}));
    wipe(MutableBytes{});
}

TEST(Wipe, leaves_nothing_of_a_text_where_it_was) {
    std::string text(64, 's');
    const char* const place = text.data();
    wipe(text);
    EXPECT_TRUE(text.empty());
    EXPECT_EQ(std::string(place, 64), std::string(64, '\0'));
}

}  // namespace
}  // namespace bootwire
