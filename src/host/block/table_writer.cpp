#include "block/table_writer.h"

#include <linux/blkpg.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

namespace bootwire::block {

namespace {

Status write_pieces(BlockDevice& disk, const std::vector<disk::TablePiece>& pieces) {
    for (const disk::TablePiece& piece : pieces) {
        if (auto status = disk.write(piece.offset, piece.bytes); !status) return status;
        if (auto status = disk.sync(); !status) return status;
    }
    if (auto status = disk.forget_cached(); !status) return status;
    for (const disk::TablePiece& piece : pieces) {
        std::vector<uint8_t> there(piece.bytes.size());
        if (auto status = disk.read(piece.offset, there); !status) return status;
        if (there != piece.bytes) {
            return fail("the disk does not keep what was written to its partition table (" +
                        piece.name + ')');
        }
    }
    return {};
}

/// BLKPG changes one partition even while others are in use; BLKRRPART is for kernels without it.
Status tell_kernel(const BlockDevice& disk, const disk::Growth& growth) {
    if (disk.is_file()) return {};
    blkpg_partition partition{};
    partition.start = static_cast<long long>(growth.before.start);
    partition.length = static_cast<long long>(growth.new_size);
    partition.pno = static_cast<int>(growth.before.number);
    blkpg_ioctl_arg argument{BLKPG_RESIZE_PARTITION, 0, sizeof partition, &partition};
    if (ioctl(disk.fd(), BLKPG, &argument) == 0) return {};
    if (ioctl(disk.fd(), BLKRRPART) == 0) return {};
    return fail_errno(
        "the partition table is written, but the kernel does not take the new size "
        "of partition " +
        std::to_string(growth.before.number));
}

}  // namespace

Status write_growth(BlockDevice& disk, const disk::Growth& growth) {
    auto status = write_pieces(disk, growth.writes);
    if (status) return tell_kernel(disk, growth);
    Error error = std::move(status.error());
    const auto restored = write_pieces(disk, growth.old);
    error.what += restored ? "; the old partition table is back"
                           : "; putting the old partition "
                             "table back failed too";
    return std::unexpected(std::move(error));
}

}  // namespace bootwire::block
