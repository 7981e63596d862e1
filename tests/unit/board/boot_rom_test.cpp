#include "board/boot_rom.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace bootwire::board {
namespace {

namespace fs = std::filesystem;

TEST(BootRom, boots_from_the_network_if_bit_29_is_set) {
    EXPECT_EQ(parse_boot_mode_row("0x3020000a\n"), NetworkBoot::on);
    EXPECT_EQ(parse_boot_mode_row("0x1020000a\n"), NetworkBoot::off);
    EXPECT_EQ(parse_boot_mode_row("0x3020000A"), NetworkBoot::on);
}

TEST(BootRom, is_not_known_by_what_is_no_such_row) {
    for (const char* text : {"", "0x", "3020000a", "0x3020000g", "0x13020000a", "0x3020000a 1",
                             "0x-020000a", "0x+020000a", "0x 020000a", "0x0x20000a", "\n", "0"})
        EXPECT_EQ(parse_boot_mode_row(text), NetworkBoot::unknown) << text;
    EXPECT_EQ(parse_boot_mode_row("0x00000000\n"), NetworkBoot::unknown) << "read as nothing";
    EXPECT_EQ(parse_boot_mode_row("0x20000000\n"), NetworkBoot::unknown) << "no Pi's oscillator";
}

class BootRomOf : public testing::Test {
  protected:
    BootRomOf() {
        char name[] = "/tmp/bootwire-test-XXXXXX";
        sysfs_ = mkdtemp(name);
        fs::create_directories(driver());
        std::ofstream(driver() + "/bind") << "";
        board_.revision = 0xa02082;  // a 3B
    }
    ~BootRomOf() override { fs::remove_all(sysfs_); }

    std::string driver() const { return sysfs_ + "/bus/platform/drivers/raspberrypi-firmware"; }
    void row(const std::string& text) const {
        fs::create_directories(driver() + "/soc:firmware");
        std::ofstream(driver() + "/soc:firmware/otp_boot_mode") << text;
    }

    std::string sysfs_;
    Board board_;
};

TEST_F(BootRomOf, a_3b_is_what_the_firmware_says) {
    row("0x3020000a\n");
    EXPECT_EQ(network_boot(board_, sysfs_), NetworkBoot::on);
    row("0x1020000a\n");
    EXPECT_EQ(network_boot(board_, sysfs_), NetworkBoot::off);
}

TEST_F(BootRomOf, a_3b_is_unknown_where_the_firmware_says_nothing) {
    EXPECT_EQ(network_boot(board_, sysfs_), NetworkBoot::unknown);
    row(std::string(100, '0'));
    EXPECT_EQ(network_boot(board_, sysfs_), NetworkBoot::unknown);
    fs::remove_all(sysfs_ + "/bus");
    EXPECT_EQ(network_boot(board_, sysfs_), NetworkBoot::unknown);
}

TEST_F(BootRomOf, another_board_is_not_asked) {
    row("0x3020000a\n");
    // 3B+, Zero 2 W, 4B, an old Pi whose code is no number of the newer kind, none.
    for (const uint32_t revision : {0xa020d3u, 0x902120u, 0xc03111u, 0x00000080u}) {
        board_.revision = revision;
        EXPECT_EQ(network_boot(board_, sysfs_), std::nullopt) << std::hex << revision;
    }
    board_.revision.reset();
    EXPECT_EQ(network_boot(board_, sysfs_), std::nullopt);
}

TEST(BootRom, of_each_state_something_else_is_said) {
    EXPECT_TRUE(to_string(NetworkBoot::on).contains("without a card"));
    EXPECT_TRUE(to_string(NetworkBoot::off).contains("only with a card"));
    EXPECT_TRUE(to_string(NetworkBoot::unknown).contains("does not say"));
}

}  // namespace
}  // namespace bootwire::board
