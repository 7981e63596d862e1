#include "control/report.h"

#include "base/text.h"

namespace bootwire::control {

namespace {

constexpr uint64_t kSector = 512;  // of this file, whatever the disk's own are

// Fields of /sys/block/DISK/stat.
constexpr size_t kReads = 0, kReadSectors = 2, kWrites = 4, kWrittenSectors = 6, kInFlight = 8;

}  // namespace

void read_counters(std::string_view stat, DiskReport& disk) {
    const auto words = split_words(stat);
    if (words.size() <= kInFlight) return;
    const auto number = [&](size_t field) { return parse_number<uint64_t>(words[field]); };
    const auto reads = number(kReads), read = number(kReadSectors), writes = number(kWrites),
               written = number(kWrittenSectors), in_flight = number(kInFlight);
    if (!reads || !read || !writes || !written || !in_flight) return;
    disk.counted = true;
    disk.reads = *reads;
    disk.read_bytes = *read * kSector;
    disk.writes = *writes;
    disk.written_bytes = *written * kSector;
    disk.in_flight = *in_flight;
}

}  // namespace bootwire::control
