// What the disk's own cmdline.txt says, and the command line that the booted system sees.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/command_line.h"

namespace bootwire::plan {

/// A Raspberry Pi's cmdline.txt: its first line that isn't blank, as the firmware takes it. Texts
/// are as they stand; root is what parse_root_spec() takes. Empty: not said.
struct DiskCommandLine {
    CommandLine line;
    std::string root;
    std::string root_flags;         ///< rootflags=: mount options
    std::optional<bool> read_only;  ///< ro, rw: the last one wins; nothing if neither is there
    std::string init;
    bool resize = false;  ///< the word "resize": grow the last partition
    /// The word by which it asks that the root be not written to: all changes are to go into an
    /// overlay in memory, which its initramfs makes ("overlayroot=tmpfs"). Empty: it doesn't.
    std::string overlay;
    /// The word by which it asks for a root that only its initramfs finds, for instance
    /// "boot=live", "rd.lvm.lv". Empty: it doesn't.
    std::string initramfs;
    bool further_lines = false;  ///< there is more text, which nobody reads
};
DiskCommandLine read_disk_cmdline(std::string_view cmdline_txt);

/// A command line as it may be shown: with "*" for secrets, also for those that open-iscsi and
/// dracut take from a disk's own words.
std::string without_secrets(std::string_view command_line);

struct MergedCommandLine {
    /// At most max_merged_length bytes, with a line end, as /proc/cmdline has it.
    std::string text;
    /// Words of the running kernel that had no room; never secrets.
    std::vector<std::string> left_out;
};
/// Programs read /proc/cmdline into buffers of a page.
constexpr size_t max_merged_length = 4095;

/// What is done differently from what the disk says; empty: nothing.
struct MergeChanges {
    std::string root;             ///< for root=, as in "PARTUUID=1a2b3c4d-02"
    std::string init;             ///< for init=
    std::string root_flags = {};  ///< for rootflags=
    /// Further words, behind the disk's. One whose name the disk has as well is left out; words of
    /// the running kernel give way to those of the same name.
    std::vector<std::string> additions = {};
    bool additions_win = false;             ///< over the disk's of the same name
    bool keep_our_names = true;             ///< iscsi.… and bootwire.… of the running kernel
    size_t max_length = max_merged_length;  ///< bytes with line end, at most max_merged_length
};

/// The command line of the booted system: the disk's words, then the running kernel's, by the rules
/// that docs/settings.md states (keys_page.cpp). No secret of either is in it.
MergedCommandLine merge_command_lines(const DiskCommandLine& disk, const CommandLine& running,
                                      const MergeChanges& changes);

}  // namespace bootwire::plan
