#include "board/device_aliases.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace bootwire::board {
namespace {

namespace fs = std::filesystem;

/// A sysfs with a network device below a bus, which a clock supplies.
class DeviceAliases : public ::testing::Test {
  protected:
    void SetUp() override {
        char folder[] = "/tmp/bootwire-sysfs-XXXXXX";
        sysfs_ = mkdtemp(folder);
        write("devices/platform/soc/modalias", "of:NsocT(null)Csimple-bus\n");
        write("devices/platform/soc/usb/modalias", "of:NusbT(null)Cbrcm,bcm2835-usb\n");
        write("devices/platform/soc/usb/1-1/1-1:1.0/modalias", "usb:v0525pA4A2\n");
        write("devices/platform/soc/usb/1-1/1-1:1.0/net/eth0/address", "\n");
        write("devices/platform/clock/modalias", "of:NclockT(null)Cbrcm,clock\n");
        write("devices/virtual/devlink/a--b/status", "active\n");
        link("devices/virtual/devlink/a--b/supplier", "devices/platform/clock");
        link("devices/platform/soc/usb/supplier:platform:clock", "devices/virtual/devlink/a--b");
        link("devices/platform/clock/supplier:platform:clock", "devices/virtual/devlink/a--b");
        link("devices/platform/soc/usb/1-1/1-1:1.0/net/eth0/device",
             "devices/platform/soc/usb/1-1/1-1:1.0");
        fs::create_directories(sysfs_ / "class/net");
        link("class/net/eth0", "devices/platform/soc/usb/1-1/1-1:1.0/net/eth0");
    }
    void TearDown() override { fs::remove_all(sysfs_); }

    void write(const fs::path& path, const char* text) {
        fs::create_directories((sysfs_ / path).parent_path());
        std::ofstream(sysfs_ / path) << text;
    }
    void link(const fs::path& path, const fs::path& target) {
        fs::create_symlink(sysfs_ / target, sysfs_ / path);
    }

    fs::path sysfs_;
};

TEST_F(DeviceAliases, are_those_of_the_device_what_is_above_it_and_what_supplies_it) {
    EXPECT_EQ(
        network_device_aliases("eth0", sysfs_.string()),
        (std::vector<std::string>{"usb:v0525pA4A2", "of:NusbT(null)Cbrcm,bcm2835-usb",
                                  "of:NclockT(null)Cbrcm,clock", "of:NsocT(null)Csimple-bus"}));
    EXPECT_TRUE(network_device_aliases("eth1", sysfs_.string()).empty());
}

TEST(PhyAlias, has_the_identifiers_bits) {
    EXPECT_EQ(phy_alias("0x600d84a2"), "mdio:01100000000011011000010010100010");
    EXPECT_EQ(phy_alias("600d84a2"), "");
    EXPECT_EQ(phy_alias("0x"), "");
}

}  // namespace
}  // namespace bootwire::board
