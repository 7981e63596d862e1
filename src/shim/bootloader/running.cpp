#include "bootloader/running.h"

#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <utility>

#include "base/bytes.h"
#include "eeprom/config.h"
#include "os/file.h"

namespace bootwire::bootloader {

namespace {

constexpr size_t largest_property = 256;

std::string property(const std::string& path) {
    return read_file(path, largest_property).value_or("");
}

/// 0 where there is none.
uint32_t number(const std::string& path) {
    const std::string bytes = property(path);
    return bytes.size() == sizeof(uint32_t) ? load_be32(bytes_of(bytes).data()) : 0;
}

std::string real_path(const std::string& path) {
    char real[PATH_MAX];
    return realpath(path.c_str(), real) != nullptr ? real : "";
}

/// The device that the node is; the kernel numbers them as it likes.
std::string device_of(const std::string& node, const std::string& nvmem) {
    for (const std::string& name : names_in(nvmem)) {
        const std::string device = nvmem + "/" + name;
        if (real_path(device + "/of_node").ends_with(node)) return device;
    }
    return {};
}

/// Has it written where its configuration is, and in other cells than the tree counts in? Linux
/// does not read that.
bool is_told_in_other_cells(const std::string& device_tree, const std::string& node) {
    const std::string above = device_tree + node.substr(0, node.rfind('/'));
    const size_t cells = number(above + "/#address-cells") + number(above + "/#size-cells");
    return property(device_tree + node + "/status").starts_with("okay") &&
           property(device_tree + node + "/reg").size() != cells * sizeof(uint32_t);
}

/// Its memory is filled up with zeros or with what erased flash has.
Result<std::string> live_configuration(const std::string& device_tree, const std::string& nvmem) {
    std::string node = property(device_tree + "/aliases/blconfig");
    if (!node.empty() && node.back() == '\0') node.pop_back();
    if (!node.starts_with('/')) node.clear();
    const std::string device = node.empty() ? "" : device_of(node, nvmem);
    if (device.empty() && !node.empty() && is_told_in_other_cells(device_tree, node)) {
        return fail("it is too old to show its configuration to Linux",
                    "a Pi 5's is from 2025-02-11 or newer: have Raspberry Pi Imager write \"Misc "
                    "utility images\", \"Bootloader\" to a card, and start from that once");
    }
    if (device.empty()) return fail("the device tree does not show its configuration (blconfig)");
    auto text = read_file(device + "/nvmem", eeprom::largest_text);
    if (text) text->resize(std::min({text->find('\0'), text->find('\xff'), text->size()}));
    return text;
}

}  // namespace

Result<std::optional<eeprom::RunningBootloader>> read_running(const board::Board& board,
                                                              const std::string& device_tree,
                                                              const std::string& nvmem) {
    if (!board.revision || !eeprom::chip_of(*board.revision)) return std::nullopt;
    auto configuration = live_configuration(device_tree, nvmem);
    if (!configuration) return std::unexpected(configuration.error());
    const std::string chosen = device_tree + "/chosen";
    eeprom::RunningBootloader running;
    running.revision = *board.revision;
    running.serial = board.serial;
    running.built = number(chosen + "/bootloader/build-timestamp");
    running.updated = number(chosen + "/bootloader/update-timestamp");
    running.signed_boot = number(chosen + "/bootloader/signed");
    running.least_manufacture = number(chosen + "/rpi-min-boot-ver");
    running.configuration = std::move(*configuration);
    return running;
}

}  // namespace bootwire::bootloader
