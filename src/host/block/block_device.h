// A disk of the kernel's, and the nodes of its partitions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "os/fd.h"
#include "storage/block_source.h"

namespace bootwire::block {

/// A block device, or a file that stands for one (with blocks of 512 bytes).
class BlockDevice : public storage::BlockSource {
  public:
    enum class Access : uint8_t { read_only, read_write };

    static Result<BlockDevice> open(const std::string& path, Access access);

    uint64_t size() const override { return size_; }
    uint32_t block_size() const override { return block_size_; }
    Status read(uint64_t offset, MutableBytes into) const override;
    /// All of the bytes or an error; not behind the end.
    Status write(uint64_t offset, Bytes bytes);
    /// What was written is on the disk.
    Status sync();
    /// Drops what the kernel remembers, so that the next read asks the disk.
    Status forget_cached();
    /// From now on the kernel refuses writes to it by whomever, and to mount it for writing.
    Status make_read_only();
    /// The kernel has no nodes for its partitions any more. None of them may be in use.
    Status forget_partitions();

    int fd() const { return fd_.get(); }
    const std::string& path() const { return path_; }
    bool is_file() const { return is_file_; }

  private:
    Fd fd_;
    std::string path_;
    uint64_t size_ = 0;
    uint32_t block_size_ = 512;
    bool is_file_ = false;
};

/// A partition as the kernel knows it.
struct PartitionNode {
    unsigned number = 0;
    std::string name;    ///< "sda2": its node is /dev/<name>
    uint64_t start = 0;  ///< bytes
    uint64_t size = 0;   ///< bytes
};

/// The partitions of a disk ("sda"), by number, from /sys/class/block/<disk>/. Names are read
/// there, never made up. sysfs: where it is mounted.
Result<std::vector<PartitionNode>> partition_nodes(std::string_view disk_name,
                                                   const std::string& sysfs = "/sys");

/// The path below /dev of a partition, once the kernel has it; an error that waiting may mend
/// otherwise. number 0: the disk itself.
Result<std::string> partition_path(std::string_view disk_name, unsigned number,
                                   const std::string& sysfs = "/sys");

/// The PARTUUIDs of all partitions that are not on this disk, as far as the kernel has met them;
/// nothing is read from those disks (block/partitions/core.c, part_uevent).
std::vector<std::string> part_uuids_elsewhere(std::string_view disk_name,
                                              const std::string& sysfs = "/sys");

}  // namespace bootwire::block
