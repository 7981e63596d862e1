// What is larger than the piece that is unpacked at a time.
#include "kexec/decompress.h"

#include <gtest/gtest.h>

#include "samples.h"

namespace bootwire::kexec {
namespace {

constexpr size_t piece = 128 << 10;

/// Text that compresses neither well nor badly.
std::string text_of_size(size_t size) {
    std::string text(size, '\0');
    for (size_t i = 0; i < size; ++i)
        text[i] = static_cast<char>((i * i >> 7) ^ (i >> 11));
    return text;
}

class Compressed : public testing::TestWithParam<std::string (*)(const std::string&)> {
  protected:
    static std::string pack(const std::string& text) { return GetParam()(text); }
    static std::string why_not(std::string_view packed) {
        const auto length = decompress(bytes_of(packed), [](Bytes) { return Status(); });
        return length ? "" : length.error().what;
    }
};

TEST_P(Compressed, is_unpacked_whole_however_large_it_is) {
    for (const size_t size :
         {size_t{0}, size_t{1}, piece - 1, piece, piece + 1, 2 * piece, size_t{1'000'000}}) {
        for (const std::string& text : {text_of_size(size), std::string(size, '\0')}) {
            const std::string packed = pack(text);
            const auto unpacked = unpack(bytes_of(packed), 1'000'000);
            ASSERT_TRUE(unpacked) << size << ": " << unpacked.error().what;
            EXPECT_TRUE(*unpacked == text) << size;
        }
    }
}

TEST_P(Compressed, ends_where_it_says_whatever_follows) {
    for (const size_t size : {size_t{0}, piece, size_t{1'000'000}}) {
        const std::string packed = pack(text_of_size(size));
        size_t unpacked = 0;
        const auto length = decompress(bytes_of(packed + packed), [&](Bytes bytes) {
            unpacked += bytes.size();
            return Status();
        });
        ASSERT_TRUE(length) << size;
        EXPECT_EQ(*length, packed.size());
        EXPECT_EQ(unpacked, size);
    }
}

TEST_P(Compressed, is_cut_off_wherever_it_is_cut) {
    for (const std::string& text : {text_of_size(1'000'000), std::string(1'000'000, '\0')}) {
        const std::string packed = pack(text);
        for (size_t cut = 1; cut < packed.size() - 4; cut += packed.size() / 50 + 1) {
            EXPECT_EQ(why_not(std::string_view(packed).substr(0, packed.size() - cut)),
                      "ends in the middle of its compressed data")
                << cut << " of " << packed.size();
        }
    }
}

TEST_P(Compressed, is_unpacked_no_further_than_the_one_who_takes_it_wants) {
    const std::string packed = pack(text_of_size(1'000'000));
    size_t taken = 0;
    const auto length = decompress(bytes_of(packed), [&](Bytes bytes) -> Status {
        EXPECT_LE(bytes.size(), piece);
        taken += bytes.size();
        if (taken > piece) return fail("enough");
        return {};
    });
    ASSERT_FALSE(length);
    EXPECT_EQ(length.error().what, "enough");
    EXPECT_LE(taken, 2 * piece);
    EXPECT_TRUE(unpack(bytes_of(packed), 1'000'000));
    EXPECT_FALSE(unpack(bytes_of(packed), 999'999));
}

INSTANTIATE_TEST_SUITE_P(with, Compressed, testing::Values(&gzip, &zstd),
                         [](const auto& test) { return test.index == 0 ? "gzip" : "zstd"; });

}  // namespace
}  // namespace bootwire::kexec
