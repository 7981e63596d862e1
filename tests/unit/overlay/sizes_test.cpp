#include "overlay/sizes.h"

#include <gtest/gtest.h>

#include <vector>

namespace bootwire::overlay {
namespace {

using namespace std::chrono_literals;
using Step = Fullness::Step;

constexpr uint64_t mebibyte = 1 << 20;
constexpr uint64_t gibibyte = 1 << 30;

TEST(Sizes, leave_half_of_the_memory_to_the_system_unless_somebody_says_otherwise) {
    EXPECT_EQ(sizes_for(gibibyte, 8 * gibibyte, 0).limit, 512 * mebibyte);
    EXPECT_EQ(sizes_for(gibibyte, 8 * gibibyte, 64 * mebibyte).limit, 64 * mebibyte);
}

TEST(Sizes, have_a_reserve_behind_the_limit) {
    const Sizes sizes = sizes_for(gibibyte, 8 * gibibyte, 0);
    EXPECT_EQ(sizes.memory, 640 * mebibyte);
    EXPECT_GT(sizes.device, *sizes.changes);
}

TEST(Sizes, hold_all_of_a_small_disk_so_that_only_memory_counts) {
    const Sizes sizes = sizes_for(gibibyte, 100 * mebibyte + 512, 0);
    EXPECT_EQ(sizes.device, 100 * mebibyte + 4096) << "in whole pages";
    EXPECT_FALSE(sizes.changes);
    EXPECT_EQ(percent_full({100 * mebibyte, 0}, sizes), 0u);
}

TEST(Sizes, of_a_large_disk_are_no_more_than_can_be_compressed_into_the_memory) {
    const Sizes sizes = sizes_for(gibibyte, 1000 * gibibyte, 0);
    EXPECT_EQ(sizes.device, 5 * 640 * mebibyte);
    EXPECT_EQ(sizes.changes, 5 * 512 * mebibyte);
    EXPECT_EQ(sizes.device % 4096, 0u);
}

TEST(Share, is_of_whichever_limit_is_nearer) {
    const Sizes sizes{.limit = 1000 * mebibyte, .changes = 5000 * mebibyte};
    EXPECT_EQ(percent_full({}, sizes), 0u);
    EXPECT_EQ(percent_full({0, 800 * mebibyte}, sizes), 80u);
    EXPECT_EQ(percent_full({4500 * mebibyte, 800 * mebibyte}, sizes), 90u);
    EXPECT_EQ(percent_full({0, 1100 * mebibyte}, sizes), 110u);
    EXPECT_EQ(percent_full({0, ~uint64_t{0}}, sizes), 999u);
    EXPECT_EQ(percent_full({1, 1}, {}), 1u) << "of nothing";
}

std::vector<Step> steps(Fullness& fullness, const std::vector<unsigned>& shares) {
    std::vector<Step> taken;
    for (const unsigned share : shares)
        taken.push_back(fullness.look(share));
    return taken;
}

TEST(Fullness, is_warned_of_at_80_90_and_95_percent_and_once_each) {
    Fullness fullness;
    EXPECT_EQ(steps(fullness, {0, 79, 80, 81, 89, 90, 94, 95, 99}),
              (std::vector{Step::none, Step::none, Step::warn, Step::none, Step::none, Step::warn,
                           Step::none, Step::warn, Step::none}));
}

TEST(Fullness, stops_all_writing_at_100_percent_even_if_nobody_looked_before) {
    Fullness fullness;
    EXPECT_EQ(steps(fullness, {3, 100, 104}), (std::vector{Step::none, Step::stop, Step::none}));
}

TEST(Fullness, stops_it_again_where_somebody_goes_on_all_the_same) {
    Fullness fullness;
    EXPECT_EQ(steps(fullness, {101, 105, 109, 110}),
              (std::vector{Step::stop, Step::stop, Step::none, Step::stop}));
}

TEST(Fullness, is_warned_of_again_after_it_was_less) {
    Fullness fullness;
    EXPECT_EQ(
        steps(fullness, {85, 70, 80, 100, 97, 100}),
        (std::vector{Step::warn, Step::none, Step::warn, Step::stop, Step::none, Step::stop}));
}

TEST(Looking, is_the_more_frequent_the_less_there_is_left) {
    const Sizes sizes{.limit = 2000 * mebibyte, .changes = 10000 * mebibyte};
    EXPECT_EQ(look_again_after({}, sizes), 5s);
    EXPECT_LT(look_again_after({0, 1800 * mebibyte}, sizes), 1s);
    EXPECT_LT(look_again_after({9800 * mebibyte, 0}, sizes), 1s);
    EXPECT_EQ(look_again_after({0, 1999 * mebibyte}, sizes), 100ms);
    EXPECT_EQ(look_again_after({0, 3000 * mebibyte}, sizes), 1s) << "it is stopped by now";
}

}  // namespace
}  // namespace bootwire::overlay
