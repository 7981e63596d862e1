// How much of the memory the changes to a disk may take (iscsi.overlay=ram), and what is done about
// how full that is. No I/O.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "block/compressed_memory.h"

namespace bootwire::overlay {

/// In bytes.
struct Sizes {
    uint64_t limit = 0;   ///< of the memory that changes take: then nothing more is to be written
    uint64_t memory = 0;  ///< the most that the kernel gives, so that what is under way has room
    uint64_t device = 0;  ///< that they are stored in, before they are compressed
    /// Likewise of changes before they are compressed; nothing if all of the disk fits in.
    std::optional<uint64_t> changes{};
};

/// memory: what the machine has. disk: the disk's size. wish: the limit; 0: half of the memory.
Sizes sizes_for(uint64_t memory, uint64_t disk, uint64_t wish);

/// Of either limit, whichever is nearer; may be more than 100.
unsigned percent_full(const block::MemoryUse& use, const Sizes& sizes);

/// When to look again: before it can be full, and not oftener than that needs.
Milliseconds look_again_after(const block::MemoryUse& use, const Sizes& sizes);

/// Takes each step once on the way up, and again after it was less full in between.
class Fullness {
  public:
    enum class Step : uint8_t {
        none,
        warn,
        stop,  ///< it is full: nothing more is to be written
    };
    Step look(unsigned percent);

  private:
    unsigned taken_ = 0;  // the last step, in percent
};

}  // namespace bootwire::overlay
