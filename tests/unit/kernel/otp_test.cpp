#include "kernel/otp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace bootwire::kernel {
namespace {

constexpr uint32_t answered = 1u << 31;
enum Word : size_t { tag, room, response, block, row, count, value, words };

/// A firmware that has this in the row.
otp_code::Firmware with(uint32_t content) {
    return [content](uint32_t* message, size_t size) {
        EXPECT_EQ(size, size_t{words});
        const std::vector<uint32_t> expected{0x00030024, 16, 0, 0, 17, 1, 0};
        EXPECT_TRUE(std::equal(expected.begin(), expected.end(), message));
        message[response] = answered | 16;
        message[value] = content;
        return 0;
    };
}

TEST(BootModeRow, is_shown_as_the_firmware_has_it) {
    EXPECT_EQ(show_boot_mode(with(0x3020000a)).text, "0x3020000a\n");
    EXPECT_EQ(show_boot_mode(with(0)).text, "0x00000000\n");
}

TEST(BootModeRow, is_no_data_where_the_firmware_knows_no_such_question) {
    const auto leaves_it = [](uint32_t*, size_t) { return 0; };
    EXPECT_EQ(show_boot_mode(leaves_it).result, -ENODATA);
}

TEST(BootModeRow, is_no_data_where_the_firmware_answers_with_nothing) {
    const auto refuses = [](uint32_t* message, size_t) {
        message[response] = answered;  // a locked key, and QEMU to any question
        return 0;
    };
    EXPECT_EQ(show_boot_mode(refuses).result, -ENODATA);
}

TEST(BootModeRow, is_no_data_where_the_answer_is_about_another_row) {
    for (const size_t word : {size_t{row}, size_t{count}}) {
        const auto wanders = [&](uint32_t* message, size_t size) {
            const int done = with(0x3020000a)(message, size);
            message[word] = 63;
            return done;
        };
        EXPECT_EQ(show_boot_mode(wanders).result, -ENODATA) << word;
    }
}

TEST(BootModeRow, is_the_mailboxs_error_where_that_fails) {
    const auto is_silent = [](uint32_t*, size_t) { return -ETIMEDOUT; };
    EXPECT_EQ(show_boot_mode(is_silent).result, -ETIMEDOUT);
}

TEST(BootModeRow, is_for_root_and_there_on_a_pi_3_alone) {
    EXPECT_EQ(boot_mode_visibility("brcm,bcm2837"), 0400u);
    EXPECT_EQ(boot_mode_visibility("brcm,bcm2711"), 0u);
    EXPECT_EQ(boot_mode_visibility("brcm,bcm2712"), 0u);
}

}  // namespace
}  // namespace bootwire::kernel
