#include "board/on_demand.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "os/file.h"

namespace bootwire::board {
namespace {

namespace fs = std::filesystem;

/// The platform bus with a node that waits and a device that doesn't.
class OnDemand : public testing::Test {
  protected:
    OnDemand() {
        char name[] = "/tmp/bootwire-test-XXXXXX";
        sysfs_ = mkdtemp(name);
        device("axi:usb-on-demand",
               "OF_NAME=usb-on-demand\nOF_FULLNAME=/axi/usb-on-demand\n"
               "OF_COMPATIBLE_0=bootwire,on-demand\nOF_COMPATIBLE_N=1\n");
        device("fe980000.usb", "OF_FULLNAME=/soc/usb@7e980000\nOF_COMPATIBLE_0=brcm,bcm2835-usb\n");
        write("drivers_probe", "");
    }
    ~OnDemand() override { fs::remove_all(sysfs_); }

    void device(const std::string& name, const std::string& uevent) const {
        write("devices/" + name + "/uevent", uevent);
        write("devices/" + name + "/driver_override", "");
    }
    void write(const std::string& path, const std::string& content) const {
        const fs::path file = sysfs_ + "/bus/platform/" + path;
        fs::create_directories(file.parent_path());
        std::ofstream(file) << content;
    }
    std::string read(const std::string& path) const {
        return read_file(sysfs_ + "/bus/platform/" + path).value();
    }
    void probe() {
        nodes_.clear();
        probe_on_demand(
            [this](const std::string& node) {
                nodes_.push_back(node);
                EXPECT_EQ(read("drivers_probe"), "") << "it was told of too late";
            },
            sysfs_);
    }

    std::string sysfs_;
    std::vector<std::string> nodes_;
};

TEST_F(OnDemand, nodes_get_the_driver_that_makes_devices_of_what_is_below_them) {
    probe();
    EXPECT_EQ(nodes_, std::vector<std::string>{"/axi/usb-on-demand"});
    EXPECT_EQ(read("devices/axi:usb-on-demand/driver_override"), "dwc3-of-simple");
    EXPECT_EQ(read("drivers_probe"), "axi:usb-on-demand");
    EXPECT_EQ(read("devices/fe980000.usb/driver_override"), "");
}

TEST_F(OnDemand, nodes_that_have_a_driver_are_left_alone) {
    write("devices/axi:usb-on-demand/driver/module", "");
    probe();
    EXPECT_TRUE(nodes_.empty());
    EXPECT_EQ(read("drivers_probe"), "");
}

TEST_F(OnDemand, nothing_happens_on_a_board_without_such_a_node) {
    fs::remove_all(sysfs_ + "/bus/platform/devices/axi:usb-on-demand");
    probe();
    fs::remove_all(sysfs_ + "/bus");
    probe_on_demand([](const std::string&) { FAIL(); }, sysfs_);
    EXPECT_TRUE(nodes_.empty());
}

}  // namespace
}  // namespace bootwire::board
