// Waiting or hanging: what is slow writes, what hangs does not.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/time.h"

namespace bootwire::shutdown {

/// Bytes that the kernel has still to write, of /proc/meminfo: Dirty and Writeback
/// (Documentation/filesystems/proc.rst).
uint64_t parse_unwritten(std::string_view meminfo);

/// Without clock and files: told what there is to see.
class Stall {
  public:
    Stall(Milliseconds limit, Moment now) : limit_(limit), since_(now) {}

    /// Has nothing moved for as long as the limit? What is still unwritten getting less is
    /// movement. excused: there is a known reason, which has a limit of its own; the time begins
    /// anew after it.
    bool is_over(uint64_t unwritten, bool excused, Moment now);

  private:
    const Milliseconds limit_;
    Moment since_;
    uint64_t unwritten_ = 0;
};

}  // namespace bootwire::shutdown
