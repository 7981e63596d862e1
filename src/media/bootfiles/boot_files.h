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

/// What a disk says to the system that is started from it, by whichever kernel.
struct DiskWords {
    std::string text;                ///< as it stands there; the first line counts
    std::string place;               ///< for a person: "cmdline.txt"; empty: nothing says anything
    std::vector<std::string> notes;  ///< for a person: what was not understood
    /// The firmware starts a boot loader, whose words are on another partition, or nowhere.
    bool loader_elsewhere = false;
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

/// Of what the firmware would start from there, the command line alone: kernels and trees need not
/// be there. Where it would start a boot loader, or where there is no command line for it, that of
/// extlinux.conf, then of the loader entries.
DiskWords find_words(const Folder& folder, const Board& board);

/// What a boot loader reads, on whichever partition: extlinux.conf, then loader entries. Of files:
/// nothing (an empty kernel) if there is neither.
Result<BootFiles> find_loader_files(const Folder& folder, const Board& board);
std::optional<DiskWords> find_loader_words(const Folder& folder, const Board& board);

/// What the firmware reads first on the first FAT partition, autoboot.txt
/// (raspberrypi.com/documentation/computers/config_txt.html#autoboot-txt).
struct Autoboot {
    std::optional<unsigned> partition;  ///< the number of the one to boot from instead
    bool has_tryboot = false;
};
Autoboot read_autoboot(const Folder& folder, const Board& board);

/// Does the disk have files for an update that is tried for one boot (tryboot)?
bool has_tryboot(const Folder& folder, const Board& board);

/// The longest text file of these kinds that is read, in bytes.
constexpr size_t largest_text = 64 * 1024;

}  // namespace bootwire::bootfiles
