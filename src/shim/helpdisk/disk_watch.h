// When to read the help disk back, while somebody else's computer has it. No I/O: what was seen
// goes in with its moment, what to do comes out.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace bootwire::helpdisk {

/// One look at the disk.
struct DiskSample {
    bool attached = false;  ///< a computer is at the other end of the cable
    bool ejected = false;   ///< the disk is out
    uint64_t written = 0;   ///< changes with each write
};

class DiskWatch {
  public:
    enum class Verdict {
        leave,
        read_back,  ///< it was written to, and is whole now
        put_in,     ///< it was ejected, and the cable has been plugged in again
    };

    /// A computer that writes to a disk without ejecting it is done after this time without a
    /// write.
    static constexpr Milliseconds settled{5000};

    /// A disk that we have just made, or read back.
    void begin(uint64_t written) { read_ = written; }
    /// Call it about once a second.
    Verdict look(const DiskSample& sample, Moment now);

  private:
    uint64_t read_ = 0;  // what of it we know
    uint64_t seen_ = 0;
    Moment changed_at_{0};
    bool was_attached_ = false;
};

}  // namespace bootwire::helpdisk
