#include "control/hardware.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace bootwire::control {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

/// A Pi 4 as its kernel shows it, secrets included.
class Hardware : public ::testing::Test {
  protected:
    void SetUp() override {
        char folder[] = "/tmp/bootwire-hardware-XXXXXX";
        root_ = mkdtemp(folder);
        view_ = {(root_ / "sys").string(), (root_ / "tree").string()};
        write("tree/model", "Raspberry Pi 4 Model B Rev 1.4\0"s);
        write("tree/compatible", "raspberrypi,4-model-b\0brcm,bcm2711\0"s);
        write("tree/serial-number", "10000000deadbeef\0"s);
        write("tree/system/linux,revision", "\x00\xc0\x31\x14"s);
        write("tree/system/linux,serial", "\x10\x00\x00\x00\xde\xad\xbe\xef"s);
        write("tree/chosen/bootargs", "iscsi.username=somebody\0"s);
        write("tree/chosen/bootloader/boot-mode", "\0\0\0\2"s);
        write("tree/chosen/bootloader/version", "abcdef0123456789\0"s);
        write("tree/aliases/blconfig", "/reserved-memory/nvram@0\0"s);
        write("sys/devices/system/cpu/online", "0-3\n");
        write("sys/devices/system/cpu/present", "0-3\n");
        ethernet();
        device("platform", "fe980000.usb",
               "DRIVER=dwc2\nOF_FULLNAME=/soc/usb@7e980000\nOF_COMPATIBLE_0=brcm,bcm2835-usb\n");
        device("platform", "pwm",
               "OF_FULLNAME=/soc/pwm@7e20c800\nOF_COMPATIBLE_0=brcm,bcm2835-pwm\n");
        write("sys/class/udc/fe980000.usb/state", "not attached\n");
    }
    void TearDown() override { fs::remove_all(root_); }

    void ethernet() {
        write("sys/devices/platform/genet/of_node/name", "ethernet");
        fs::create_directories(root_ / "sys/bus/platform/drivers/bcmgenet");
        link("sys/devices/platform/genet/driver", "sys/bus/platform/drivers/bcmgenet");
        const std::string net = "sys/class/net/enxdca632010203/";
        write(net + "address", "dc:a6:32:01:02:03\n");
        write(net + "ifalias", "somebody's desk\n");
        write(net + "carrier", "1\n");
        write(net + "speed", "1000\n");
        write(net + "duplex", "full\n");
        write(net + "phydev/phy_id", "0x600d84a2\n");
        link(net + "device", "sys/devices/platform/genet");
    }
    void device(const std::string& bus, const std::string& name, const std::string& uevent) {
        write("sys/bus/" + bus + "/devices/" + name + "/uevent", uevent);
    }
    void write(const std::string& path, const std::string& content) {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path) << content;
    }
    void link(const std::string& path, const std::string& target) {
        fs::create_symlink(root_ / target, root_ / path);
    }
    std::string report(std::optional<Verdict> session = Verdict::ok) {
        return hardware_report(session, view_);
    }
    bool says(const std::string& line) {
        return ("\n" + report()).find("\n" + line + "\n") != std::string::npos;
    }

    fs::path root_;
    KernelView view_;
};

TEST_F(Hardware, report_names_the_board_and_its_bootloader) {
    EXPECT_TRUE(report().starts_with("bootwire hardware report 1\n"));
    EXPECT_TRUE(says("model: Raspberry Pi 4 Model B Rev 1.4")) << report();
    EXPECT_TRUE(says("compatible: raspberrypi,4-model-b brcm,bcm2711"));
    EXPECT_TRUE(says("revision: c03114"));
    EXPECT_TRUE(says("bootloader boot-mode: 2"));
    EXPECT_TRUE(says("bootloader version: abcdef0123456789"));
    EXPECT_TRUE(says("cpus: 0-3 of 0-3"));
}

TEST_F(Hardware, report_has_nothing_that_is_somebodys_own) {
    for (const char* own : {"deadbeef", "dc:a6", "enx", "somebody", "iscsi.", "dca632"})
        EXPECT_EQ(report().find(own), std::string::npos) << own << " in\n" << report();
}

TEST_F(Hardware, report_says_of_the_network_what_drives_it_and_how_fast_it_is) {
    EXPECT_TRUE(
        says("network: bcmgenet, on the board, PHY 0x600d84a2, 1000 Mb/s, full duplex, link is up"))
        << report();
    EXPECT_TRUE(says("ability Ethernet: works"));
    EXPECT_TRUE(says("ability Wi-Fi: absent"));
    write("sys/class/net/enxdca632010203/carrier", "0\n");
    EXPECT_TRUE(says("ability Ethernet: present")) << report();
}

TEST_F(Hardware, report_counts_no_adapter_as_the_boards_own_network) {
    fs::remove_all(root_ / "sys/devices/platform/genet/of_node");
    EXPECT_TRUE(says("ability Ethernet: absent")) << report();
}

TEST_F(Hardware, report_lists_devices_with_and_without_a_driver) {
    EXPECT_TRUE(says("device: /soc/usb@7e980000 (brcm,bcm2835-usb): dwc2")) << report();
    EXPECT_TRUE(says("device: /soc/pwm@7e20c800 (brcm,bcm2835-pwm): no driver")) << report();
}

TEST_F(Hardware, report_tells_a_usb_port_that_is_used_from_one_that_is_there) {
    EXPECT_TRUE(says("ability USB device: present")) << report();
    write("sys/class/udc/fe980000.usb/state", "configured\n");
    EXPECT_TRUE(says("ability USB device: works")) << report();
    fs::remove_all(root_ / "sys/class/udc");
    EXPECT_TRUE(says("ability USB device: absent")) << report();
}

TEST_F(Hardware, report_does_not_take_a_usb_port_that_nobody_has_looked_at_for_none) {
    fs::remove_all(root_ / "sys/class/udc");
    const std::string port = "OF_FULLNAME=/axi/usb-on-demand\nOF_COMPATIBLE_0=bootwire,on-demand\n";
    device("platform", "axi:usb-on-demand", port);
    EXPECT_TRUE(says("ability USB device: not looked at, as nobody has asked for it")) << report();
    device("platform", "axi:usb-on-demand", "DRIVER=dwc3-of-simple\n" + port);
    EXPECT_TRUE(says("ability USB device: absent")) << report();
}

TEST_F(Hardware, report_says_of_a_3b_whether_its_boot_rom_knows_the_network) {
    EXPECT_EQ(report().find("boot ROM"), std::string::npos) << "of a Pi 4";
    write("tree/system/linux,revision", "\x00\xa0\x20\x82"s);
    EXPECT_TRUE(says("boot ROM: does not say whether it boots from the network without a card"));
    write("sys/bus/platform/drivers/raspberrypi-firmware/soc:firmware/otp_boot_mode",
          "0x3020000a\n");
    EXPECT_TRUE(says("boot ROM: boots from the network without a card")) << report();
}

TEST_F(Hardware, report_has_hdmi_work_only_where_a_monitor_is_lit) {
    EXPECT_TRUE(says("ability HDMI: absent"));
    write("sys/class/drm/card0-HDMI-A-1/status", "disconnected\n");
    EXPECT_TRUE(says("ability HDMI: present")) << report();
    write("sys/class/drm/card0-HDMI-A-2/status", "connected\n");
    write("sys/class/drm/card0-HDMI-A-2/enabled", "enabled\n");
    EXPECT_TRUE(says("ability HDMI: works")) << report();
}

TEST_F(Hardware, report_finds_the_eeproms_configuration_by_its_alias) {
    EXPECT_TRUE(says("ability EEPROM: absent"));
    device("platform", "nvram",
           "DRIVER=rmem\nOF_FULLNAME=/reserved-memory/nvram@0\nOF_COMPATIBLE_0=nvmem-rmem\n");
    EXPECT_TRUE(says("ability EEPROM: present")) << report();
}

TEST_F(Hardware, report_says_whether_the_disk_is_there) {
    EXPECT_TRUE(says("ability boot: works"));
    EXPECT_NE(report(Verdict::lost).find("ability boot: the session is lost\n"), std::string::npos);
    EXPECT_NE(report({}).find("ability boot: unknown, "), std::string::npos);
}

TEST_F(Hardware, report_of_a_machine_that_shows_nothing_is_one_all_the_same) {
    fs::remove_all(root_ / "sys");
    fs::remove_all(root_ / "tree");
    EXPECT_TRUE(says("ability Ethernet: absent")) << report();
}

}  // namespace
}  // namespace bootwire::control
