#include "screen/qr.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "reference_codes.h"

namespace bootwire::screen {
namespace {

std::vector<uint64_t> rows_of(const QrCode& code) {
    std::vector<uint64_t> rows;
    for (int y = 0; y < code.size(); ++y) {
        rows.push_back(0);
        for (int x = 0; x < code.size(); ++x)
            rows.back() = rows.back() << 1 | (code.dark(x, y) ? 1 : 0);
    }
    return rows;
}

// Any of the eight masks makes a valid code, and encoders differ in how they choose.
TEST(QrCode, is_what_another_encoder_makes_of_the_text_in_every_version) {
    int version = 0;
    for (const ReferenceCode& reference : reference_codes) {
        ++version;
        int same = 0;
        for (int mask = 0; mask < 8; ++mask) {
            const auto code = QrCode::encode(reference.text, mask);
            ASSERT_TRUE(code) << reference.text;
            ASSERT_EQ(code->size(), 17 + 4 * version);
            same += rows_of(*code) == reference.rows ? 1 : 0;
        }
        EXPECT_EQ(same, 1) << "version " << version;
    }
    EXPECT_EQ(version, 6);
}

TEST(QrCode, has_one_of_the_eight_masks) {
    for (const ReferenceCode& reference : reference_codes) {
        const auto chosen = rows_of(*QrCode::encode(reference.text));
        int same = 0;
        for (int mask = 0; mask < 8; ++mask)
            same += rows_of(*QrCode::encode(reference.text, mask)) == chosen ? 1 : 0;
        EXPECT_EQ(same, 1) << reference.text;
    }
}

TEST(QrCode, takes_as_much_as_it_says_and_no_more) {
    EXPECT_TRUE(QrCode::encode(std::string(longest_qr_text, 'x')));
    EXPECT_FALSE(QrCode::encode(std::string(longest_qr_text + 1, 'x')));
    EXPECT_TRUE(QrCode::encode(""));
}

}  // namespace
}  // namespace bootwire::screen
