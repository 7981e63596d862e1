// /etc/fstab of a disk that was a card: which of its lines name a card's partitions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bootwire::handoff {

/// A partition of the disk that is being started, as the booted system has it.
struct OwnPartition {
    unsigned number = 0;
    std::string node;                                ///< "/dev/sda1"
    std::string type;                                ///< of its file system, "vfat"; empty: unknown
    std::string part_uuid, uuid, label, part_label;  ///< lower case, but for the labels
};

/// The disk as its own fstab may name it.
struct OwnDisk {
    std::vector<OwnPartition> partitions;
    std::string root_node;  ///< of the root, whatever number it has
    std::string root_type;
    std::string root_word;  ///< root= as the disk itself has it: "/dev/mmcblk0p2"
    /// Another disk has partitions of the same names (a card, of which this disk is a copy).
    bool has_twin = false;
};

/// fstab(5) with the disk's own nodes for names such as /dev/mmcblk0p1 or
/// /dev/disk/by-id/mmc-…-part1, which are a card's, or nobody's, when the disk is behind us. Which
/// name the disk had is what root_word or the line for "/" say, if one of them names a device; else
/// it was the card. With a twin, also for PARTUUID=, UUID= and the like, which could be the twin's.
/// Left alone: what names a partition that is not there or that has another type than the line
/// says, and everything else in the line. Nothing if nothing changes.
std::optional<std::string> fstab_with_own_nodes(std::string_view fstab, const OwnDisk& disk);

}  // namespace bootwire::handoff
