// What is on a disk: partitions and the file systems on them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "disk/file_system.h"
#include "disk/partition_table.h"

namespace bootwire::disk {

struct Volume {
    Partition partition;
    std::optional<FileSystem> file_system;  ///< nothing: unknown or empty
};

struct Layout {
    PartitionTable table;
    std::vector<Volume> volumes;           ///< as table.partitions, in that order
    std::optional<FileSystem> whole_disk;  ///< only without a partition table
    uint64_t size = 0;                     ///< bytes

    /// The partition that the firmware would boot from and where cmdline.txt is: the first with a
    /// FAT file system; null if there is none.
    const Volume* boot_partition() const;
    /// Null if there is no such partition.
    const Volume* find(unsigned number) const;
    /// For messages: "MBR: 1 vfat "bootfs" 512 MiB, 2 ext4 "rootfs" 15.5 GiB".
    std::string to_string() const;
};

/// Reads the partition table and probes every partition.
Result<Layout> read_layout(const storage::BlockSource& disk);

/// "512 MiB", "15.5 GiB", "900 bytes".
std::string size_text(uint64_t bytes);

}  // namespace bootwire::disk
