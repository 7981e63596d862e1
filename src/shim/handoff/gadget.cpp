#include "handoff/gadget.h"

#include <algorithm>
#include <cstdint>

#include "base/ascii.h"
#include "base/fnv1a.h"
#include "topics/topic.h"

namespace bootwire::handoff {

namespace {

// The Linux Foundation's, for gadgets made with the kernel's composite framework.
constexpr char vendor_id[] = "0x1d6b";
constexpr char product_id[] = "0x0104";
constexpr char usb_version[] = "0x0200";
constexpr char device_version[] = "0x0100";
constexpr char english[] = "0x409";
// The Pi is fed through the same port, from what is left of a port's 500 mA (USB 2.0
// section 9.6.3).
constexpr char milliamperes[] = "500";

constexpr size_t longest_usb_string = 126;
constexpr char function_folder[] = "functions/mass_storage.0";
constexpr char configuration_folder[] = "configs/c.1";

std::string padded(const std::string& text, size_t width) {
    std::string field;
    for (const char c : text.substr(0, width))
        field += is_graphic_or_blank(c) ? c : '?';
    field.resize(width, ' ');
    return field;
}

class Steps {
  public:
    void directory(std::string path) {
        all.push_back({GadgetStep::Kind::make_directory, std::move(path), {}});
    }
    void write(std::string path, std::string value) {
        all.push_back({GadgetStep::Kind::write, std::move(path), std::move(value)});
    }
    void link(std::string path, std::string to) {
        all.push_back({GadgetStep::Kind::link, std::move(path), std::move(to)});
    }

    std::vector<GadgetStep> all;
};

void describe_device(const Gadget& gadget, Steps& steps) {
    steps.directory("");
    steps.write("idVendor", vendor_id);
    steps.write("idProduct", product_id);
    steps.write("bcdUSB", usb_version);
    steps.write("bcdDevice", device_version);
    const std::string strings = std::string("strings/") + english;
    steps.directory(strings);
    steps.write(strings + "/manufacturer", gadget.manufacturer);
    steps.write(strings + "/product", gadget.product);
    steps.write(strings + "/serialnumber", gadget.serial);
}

void add_disks(const Gadget& gadget, Steps& steps) {
    steps.directory(function_folder);
    steps.write(std::string(function_folder) + "/stall", gadget.can_stall ? "1" : "0");
    for (size_t number = 0; number < gadget.disks.size(); ++number) {
        const GadgetDisk& disk = gadget.disks[number];
        const std::string folder = lun_folder(number);
        if (number > 0) steps.directory(folder);  // the function comes with lun.0
        steps.write(folder + "/removable", "1");
        steps.write(folder + "/ro", disk.read_only ? "1" : "0");
        steps.write(folder + "/nofua", "0");
        steps.write(folder + "/inquiry_string", disk.inquiry);
        steps.write(folder + "/file", disk.device);
    }
}

}  // namespace

Status check_disk_count(size_t disks) {
    if (disks <= most_gadget_disks) return {};
    return about(Topic::too_many_disks,
                 fail("USB can show " + std::to_string(most_gadget_disks) +
                          " disks, and the target shows " + std::to_string(disks),
                      "name the LUN of one in the root path or with iscsi.lun="));
}

bool controller_can_stall(std::string_view driver) {
    return driver != "dwc2";
}

std::string lun_folder(size_t number) {
    return std::string(function_folder) + "/lun." + std::to_string(number);
}

std::vector<GadgetStep> gadget_steps(const Gadget& gadget) {
    Steps steps;
    describe_device(gadget, steps);
    add_disks(gadget, steps);
    const std::string configuration = configuration_folder;
    steps.directory(configuration);
    steps.write(configuration + "/MaxPower", milliamperes);
    steps.link(configuration + "/mass_storage.0", function_folder);
    return std::move(steps.all);
}

std::string inquiry_string(const std::string& vendor, const std::string& product,
                           const std::string& revision) {
    return padded(vendor, 8) + padded(product, 16) + padded(revision, 4);
}

std::string usb_string(const std::string& text, const std::string& if_empty) {
    std::string result;
    for (const char c : text.substr(0, longest_usb_string))
        result += is_graphic_or_blank(c) ? c : '?';
    return result.empty() ? if_empty : result;
}

std::string gadget_serial(const std::string& board_serial, const std::string& target) {
    static constexpr char hex_digits[] = "0123456789ABCDEF";
    uint64_t value = fnv1a(board_serial + '\n' + target);
    std::string serial(16, '0');
    for (char& digit : serial) {
        digit = hex_digits[value >> 60];
        value <<= 4;
    }
    return serial;
}

}  // namespace bootwire::handoff
