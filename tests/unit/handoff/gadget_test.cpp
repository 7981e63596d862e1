#include "handoff/gadget.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "handoff/usb_device.h"
#include "topics/topic.h"

namespace bootwire::handoff {
namespace {

Gadget two_disks() {
    return {"bootwire",
            "pi4-root",
            "0123456789ABCDEF",
            true,
            {{"/dev/sda", false, "a"}, {"/dev/sdb", true, "b"}}};
}

size_t position(const std::vector<GadgetStep>& steps, const std::string& path) {
    const auto found = std::ranges::find(steps, path, &GadgetStep::path);
    EXPECT_NE(found, steps.end()) << path;
    return static_cast<size_t>(found - steps.begin());
}

std::string value(const std::vector<GadgetStep>& steps, const std::string& path) {
    return steps.at(position(steps, path)).value;
}

TEST(Gadget, opens_a_disk_only_after_saying_whether_it_may_be_written) {
    const auto steps = gadget_steps(two_disks());
    for (const size_t number : {0, 1}) {
        const std::string lun = lun_folder(number);
        EXPECT_LT(position(steps, lun + "/ro"), position(steps, lun + "/file"));
        EXPECT_LT(position(steps, lun + "/removable"), position(steps, lun + "/file"));
    }
    EXPECT_EQ(value(steps, lun_folder(0) + "/ro"), "0");
    EXPECT_EQ(value(steps, lun_folder(1) + "/ro"), "1");
    EXPECT_EQ(value(steps, lun_folder(1) + "/file"), "/dev/sdb");
}

TEST(Gadget, honours_what_the_host_wants_on_the_disk_at_once) {
    EXPECT_EQ(value(gadget_steps(two_disks()), lun_folder(0) + "/nofua"), "0");
}

TEST(Gadget, does_not_halt_the_endpoints_of_a_controller_that_cannot) {
    const std::string stall = "functions/mass_storage.0/stall";
    Gadget gadget = two_disks();
    EXPECT_EQ(value(gadget_steps(gadget), stall), "1");
    gadget.can_stall = false;
    const auto steps = gadget_steps(gadget);
    EXPECT_EQ(value(steps, stall), "0");
    // Not changed any more once a configuration has the function (fsg_opts_stall_store).
    EXPECT_LT(position(steps, "functions/mass_storage.0"), position(steps, stall));
    EXPECT_LT(position(steps, stall), position(steps, "configs/c.1/mass_storage.0"));
    EXPECT_FALSE(controller_can_stall("dwc2"));
    EXPECT_TRUE(controller_can_stall("dummy_udc"));
    EXPECT_TRUE(controller_can_stall(""));
}

TEST(UsbController, is_known_by_the_driver_that_sysfs_names) {
    const std::string folder = testing::TempDir() + "udc-" + std::to_string(getpid());
    std::filesystem::create_directories(folder + "/fe980000.usb/device");
    EXPECT_EQ(driver_of_controller("fe980000.usb", folder), "");
    std::filesystem::create_symlink("../../../../bus/platform/drivers/dwc2",
                                    folder + "/fe980000.usb/device/driver");
    EXPECT_EQ(driver_of_controller("fe980000.usb", folder), "dwc2");
    std::filesystem::remove_all(folder);
}

TEST(Gadget, makes_folders_before_what_is_in_them_and_links_last) {
    const auto steps = gadget_steps(two_disks());
    EXPECT_EQ(steps.front(), (GadgetStep{GadgetStep::Kind::make_directory, "", ""}));
    EXPECT_EQ(steps.back().kind, GadgetStep::Kind::link);
    const auto made = [&](const std::string& path) {
        return std::ranges::find(steps, GadgetStep{GadgetStep::Kind::make_directory, path, ""});
    };
    EXPECT_EQ(made(lun_folder(0)), steps.end()) << "lun.0 comes with the function";
    EXPECT_NE(made(lun_folder(1)), steps.end());
}

TEST(Gadget, has_no_room_for_more_disks_than_the_kernel_shows) {
    EXPECT_TRUE(check_disk_count(16));
    const auto refused = check_disk_count(17);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().topic, Topic::too_many_disks);
    EXPECT_NE(refused.error().hint.find("iscsi.lun="), std::string::npos);
}

TEST(Gadget, has_an_inquiry_string_of_exactly_28_characters) {
    EXPECT_EQ(inquiry_string("bootwire", "pi4-root", "1"), "bootwirepi4-root        1   ");
    EXPECT_EQ(inquiry_string("much too long", "also much too long", "10000").size(), 28u);
    EXPECT_EQ(inquiry_string("a\nb", "\xc3\xa4", "").substr(0, 12), "a?b     ??  ");
}

TEST(Gadget, has_strings_that_usb_can_carry) {
    EXPECT_EQ(usb_string("", "iSCSI disk"), "iSCSI disk");
    EXPECT_EQ(usb_string("a\tb", ""), "a?b");
    EXPECT_EQ(usb_string(std::string(300, 'x'), "").size(), 126u);
}

TEST(Gadget, has_a_serial_number_that_tells_boards_and_targets_apart) {
    const std::string serial = gadget_serial("10000000a0770001", "iqn.2024-01.lan.home:a");
    EXPECT_EQ(serial, gadget_serial("10000000a0770001", "iqn.2024-01.lan.home:a"));
    EXPECT_NE(serial, gadget_serial("10000000a0770002", "iqn.2024-01.lan.home:a"));
    EXPECT_NE(serial, gadget_serial("10000000a0770001", "iqn.2024-01.lan.home:b"));
    EXPECT_GE(serial.size(), 12u);
    EXPECT_EQ(serial.find_first_not_of("0123456789ABCDEF"), std::string::npos);
}

TEST(UsbHost, is_read_from_the_controllers_state) {
    EXPECT_EQ(usb_host_of("not attached"), UsbHost::absent);
    EXPECT_EQ(usb_host_of("attached"), UsbHost::absent);
    EXPECT_EQ(usb_host_of("addressed"), UsbHost::connecting);
    EXPECT_EQ(usb_host_of("configured"), UsbHost::using_it);
    EXPECT_EQ(usb_host_of("suspended"), UsbHost::asleep);
    EXPECT_EQ(usb_host_of(""), UsbHost::absent);
}

}  // namespace
}  // namespace bootwire::handoff
