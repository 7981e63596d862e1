#include "board/board.h"

#include <algorithm>
#include <cstdio>

#include "base/bytes.h"
#include "base/text.h"
#include "os/file.h"

namespace bootwire::board {

namespace {

constexpr size_t longest_property = 4096;

/// The property's bytes, empty if it is not there.
std::string property(const std::string& path) {
    return read_file(path, longest_property).value_or("");
}

std::string string_property(const std::string& path) {
    const std::string raw = property(path);
    return printable(raw.substr(0, raw.find('\0')));
}

/// local-mac-address of the node that /aliases/ethernet* names (devicetree specification 3.3).
std::optional<MacAddress> ethernet_mac(const std::string& tree) {
    for (const char* alias : {"ethernet0", "ethernet"}) {
        const std::string node = string_property(tree + "/aliases/" + alias);
        if (node.empty() || node.find("..") != node.npos) continue;
        const std::string raw = property(tree + node + "/local-mac-address");
        MacAddress mac;
        if (raw.size() != mac.bytes.size()) continue;
        std::ranges::copy(raw, mac.bytes.begin());
        if (mac != MacAddress{}) return mac;
    }
    return std::nullopt;
}

}  // namespace

std::string Board::to_string() const {
    std::string text = model.empty() ? "unknown board" : model;
    if (!serial.empty()) text += ", serial " + serial;
    if (revision) {
        char code[16];
        std::snprintf(code, sizeof code, "%x", *revision);
        text += std::string(", revision ") + code;
    }
    if (mac) text += ", MAC " + mac->to_string();
    return text;
}

Board identify(const std::string& device_tree) {
    Board board;
    board.model = string_property(device_tree + "/model");
    board.serial = string_property(device_tree + "/serial-number");
    const std::string revision = property(device_tree + "/system/linux,revision");
    if (revision.size() == sizeof(uint32_t)) {
        board.revision = load_be32(bytes_of(revision).data());
    }
    board.mac = ethernet_mac(device_tree);
    // Whichever way the firmware has told the kernel: by a tree of its own or by an overlay.
    board.second_stepping =
        property(device_tree + "/soc@107c000000/pinctrl@7d504100/compatible").contains("bcm2712d0");
    return board;
}

}  // namespace bootwire::board
