// What there is to say, and to do, while a computer uses the disks over USB. No I/O: what was seen
// goes in with its moment, lines for the screen and decisions come out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "handoff/usb_device.h"

namespace bootwire::handoff {

/// What the computer has done, in bytes.
struct Traffic {
    uint64_t read = 0;
    uint64_t written = 0;

    bool operator==(const Traffic&) const = default;
};

/// One look at everything.
struct UsbSample {
    UsbHost host = UsbHost::absent;
    std::string speed;
    bool connected = true;  ///< to the target
    /// The kernel has given the disk up: its I/O fails, until the session should come back.
    bool disk_is_lost = false;
    bool ejected = false;  ///< a disk has no medium
    Traffic traffic;       ///< of all disks
};

class UsbWatch {
  public:
    enum class Medium {
        leave,
        take_out,
        put_back,  ///< what take_out has taken
        put_in,    ///< what the computer has ejected, too
    };

    struct Verdict {
        std::vector<std::string> lines;
        /// All that holds now, in one line, for a screen that has no more; empty: it is as it was.
        std::string status;
        Medium medium = Medium::leave;
    };

    /// Call it about once a second.
    Verdict look(const UsbSample& sample, Moment now);

  private:
    void tell_of_host(const UsbSample& sample, Verdict& verdict);
    void tell_of_session(const UsbSample& sample, Moment now, Verdict& verdict);
    void tell_of_medium(const UsbSample& sample, Verdict& verdict);
    void tell_of_traffic(const UsbSample& sample, Moment now, Verdict& verdict);
    std::string status(const UsbSample& sample) const;

    UsbSample before_;
    bool first_ = true;
    bool taken_out_ = false;  // by us
    Moment lost_at_{0};
    Moment told_at_{0};
    Traffic told_;
    std::string host_text_;
    std::string traffic_text_;  // empty as long as there was none
    std::string status_;        // told last
};

}  // namespace bootwire::handoff
