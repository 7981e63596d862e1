// A disk of arbitrary bytes: its partitions lie on it, and a growth that is offered reads back.
// The input is the disk's start and end (the first byte says how much is the end, in blocks); in
// between there is nothing.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "disk/layout.h"
#include "disk/resize.h"

namespace {

using namespace bootwire;

class SparseDisk : public storage::BlockSource {
  public:
    SparseDisk(Bytes start, Bytes end, uint64_t size, uint32_t block)
        : start_(start), end_(end), size_(size), block_(block) {}

    uint64_t size() const override { return size_; }
    uint32_t block_size() const override { return block_; }
    Status read(uint64_t offset, MutableBytes into) const override {
        if (offset > size_ || into.size() > size_ - offset) std::abort();
        std::ranges::fill(into, uint8_t{0});
        put(end_, size_ - end_.size(), offset, into);
        put(start_, 0, offset, into);
        return {};
    }

  private:
    static void put(Bytes bytes, uint64_t at, uint64_t offset, MutableBytes into) {
        const uint64_t first = std::max(at, offset);
        const uint64_t last = std::min(at + bytes.size(), offset + into.size());
        if (first >= last) return;
        std::copy_n(bytes.data() + (first - at), last - first, into.data() + (first - offset));
    }

    Bytes start_;
    Bytes end_;
    uint64_t size_;
    uint32_t block_;
};

/// What is to be written is the table alone, and none of it lies in a partition.
void check(const disk::Growth& growth, const disk::PartitionTable& table, uint64_t disk_size) {
    if (growth.new_size <= growth.before.size) std::abort();
    for (const disk::TablePiece& piece : growth.writes) {
        if (piece.offset > disk_size || piece.bytes.size() > disk_size - piece.offset) {
            std::abort();
        }
        for (const disk::Partition& partition : table.partitions) {
            const bool grown = partition.number == growth.before.number;
            const uint64_t end = grown ? partition.start + growth.new_size : partition.end();
            if (piece.offset < end && partition.start < piece.offset + piece.bytes.size()) {
                std::abort();
            }
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 2) return 0;
    const uint32_t block = (data[0] & 0x80) != 0 ? 4096 : 512;
    const size_t end_length = std::min<size_t>(size_t{data[0] & 0x7fu} * 512, size - 2);
    const uint64_t disk_size = (uint64_t{data[1]} + 1) * 1024 * 1024;
    const Bytes bytes(data + 2, std::min<size_t>(size - 2, disk_size / 2));
    const SparseDisk disk(bytes.subspan(0, bytes.size() - std::min(end_length, bytes.size())),
                          bytes.subspan(bytes.size() - std::min(end_length, bytes.size())),
                          disk_size, block);
    const auto table = disk::read_partition_table(disk);
    if (!table) return 0;
    if (table->partitions.size() > disk::max_partitions) std::abort();
    if (table->partitions.empty()) return 0;
    for (const disk::Partition& partition : table->partitions) {
        if (partition.start >= disk_size || partition.size > disk_size - partition.start) {
            std::abort();
        }
    }
    const disk::Partition& last = std::ranges::max(table->partitions, {}, &disk::Partition::start);
    const auto growth = disk::plan_growth(disk, last.number);
    if (growth && *growth) check(**growth, *table, disk_size);
    return 0;
}
