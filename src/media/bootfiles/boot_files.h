// Which files a disk's boot partition wants to have started, whichever of the three ways it says
// so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "bootfiles/folder.h"

namespace bootwire::bootfiles {

/// An overlay with its parameters, or parameters of the tree itself. In the order of application.
struct TreeChange {
    /// A path; empty: parameters of the tree itself. From config.txt it may be that of a file that
    /// is missing, or that overlay_map.dtb replaces by another one.
    std::string overlay;
    std::vector<std::string> parameters;  ///< "name=value" or "name"
    bool operator==(const TreeChange&) const = default;
};

struct BootFiles {
    std::string kernel;                  ///< path on the boot partition; it is there
    std::vector<std::string> initramfs;  ///< to be concatenated; they are there
    std::string device_tree;             ///< empty: the disk brings none
    std::vector<TreeChange> tree_changes;
    std::string command_line;        ///< as it stands there, one line
    std::string command_line_place;  ///< for a person: "cmdline.txt", or source
    bool by_firmware = false;        ///< not by U-Boot, which has its own words for the tree
    std::string source;              ///< "config.txt", "extlinux/extlinux.conf", …
    std::vector<std::string> notes;  ///< for a person: what was not understood
};

/// What the choice depends on besides the files.
struct Board {
    std::optional<uint32_t> revision;  ///< the firmware's revision code; nothing: not a Pi
    std::string serial;                ///< hex digits; may be empty
    unsigned partition = 1;            ///< the number of the boot partition
    bool second_stepping = false;      ///< a Pi 5 whose chip is of the D0 stepping
};

/// As a Pi's firmware would: config.txt and the default names. Where that leads to a boot loader
/// (U-Boot) or to nothing, extlinux.conf, then Boot Loader Specification entries. An error names
/// the file and what is wrong with it.
Result<BootFiles> find_boot_files(const Folder& folder, const Board& board);

/// The longest text file of these kinds that is read, in bytes.
constexpr size_t largest_text = 64 * 1024;

}  // namespace bootwire::bootfiles
