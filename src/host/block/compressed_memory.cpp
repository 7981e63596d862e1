#include "block/compressed_memory.h"

#include <unistd.h>

#include "base/text.h"
#include "os/file.h"

namespace bootwire::block {

namespace {

const std::string control = "/sys/class/zram-control/";

// Fields of mm_stat, from 0.
constexpr size_t original_size = 0, memory_used = 2;

/// The best first; the kernel's default is the last resort, which is there in any case.
constexpr const char* algorithms[] = {"zstd", "lz4"};

}  // namespace

Result<CompressedMemory> CompressedMemory::make(uint64_t size, uint64_t limit) {
    // A number of its own: zram0 is for the system, which may look for that one by its name.
    const auto number = read_file(control + "hot_add", 64);
    if (!number) return fail("the kernel has no compressed memory: " + number.error().what);
    CompressedMemory memory("zram" + std::string(trim(*number)));
    const std::string settings = "/sys/block/" + memory.name_ + "/";
    for (const char* algorithm : algorithms) {
        if (write_control_file(settings + "comp_algorithm", algorithm)) break;
    }
    Status done = write_control_file(settings + "disksize", std::to_string(size));
    if (done) done = write_control_file(settings + "mem_limit", std::to_string(limit));
    if (!done) return std::unexpected(done.error());
    return memory;
}

CompressedMemory::~CompressedMemory() {
    if (name_.empty()) return;
    (void)write_control_file("/sys/block/" + name_ + "/reset", "1");
    (void)write_control_file(control + "hot_remove", name_.substr(4));
}

std::optional<MemoryUse> parse_memory_use(std::string_view mm_stat) {
    const auto fields = split_words(mm_stat);
    if (fields.size() <= memory_used) return std::nullopt;
    const auto stored = parse_number<uint64_t>(fields[original_size]);
    const auto taken = parse_number<uint64_t>(fields[memory_used]);
    if (!stored || !taken) return std::nullopt;
    return MemoryUse{*stored, *taken};
}

std::optional<MemoryUse> read_memory_use(const Fd& mm_stat) {
    char text[512];
    const ssize_t count = pread(mm_stat.get(), text, sizeof text, 0);
    if (count <= 0) return std::nullopt;
    return parse_memory_use({text, static_cast<size_t>(count)});
}

}  // namespace bootwire::block
