// A block device in compressed memory: the kernel's zram
// (Documentation/admin-guide/blockdev/zram.rst).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "os/fd.h"

namespace bootwire::block {

/// There for as long as this is, unless it is in use by then.
class CompressedMemory {
  public:
    /// size: of the device, in bytes. limit: what it may take of the memory; a write beyond fails.
    static Result<CompressedMemory> make(uint64_t size, uint64_t limit);
    CompressedMemory(CompressedMemory&& other) noexcept : name_(std::exchange(other.name_, {})) {}
    CompressedMemory& operator=(CompressedMemory&&) = delete;
    ~CompressedMemory();

    /// The kernel's, "zram1".
    const std::string& name() const { return name_; }

  private:
    explicit CompressedMemory(std::string name) : name_(std::move(name)) {}

    std::string name_;
};

/// In bytes.
struct MemoryUse {
    uint64_t stored = 0;  ///< what is in the device
    uint64_t taken = 0;   ///< the memory that this takes

    bool operator==(const MemoryUse&) const = default;
};
/// Of the text in /sys/block/NAME/mm_stat; nothing for any other text.
std::optional<MemoryUse> parse_memory_use(std::string_view mm_stat);
/// Of that file, opened once.
std::optional<MemoryUse> read_memory_use(const Fd& mm_stat);

}  // namespace bootwire::block
