// How long the kernel waits for the answer to a ping. A target that works on one slow command may
// answer nothing meanwhile (an UNMAP of a whole disk, as fstrim sends it each week): given up for
// that, it would be sent the same command again, and be given up again.
#pragma once

#include <chrono>

#include "base/time.h"
#include "session/start.h"

namespace bootwire::keeper {

/// Without I/O. Longer after each loss to an unanswered ping of a target that turned out to be
/// there all the same.
class PingPatience {
  public:
    static constexpr std::chrono::seconds longest{60};

    std::chrono::seconds timeout() const { return timeout_; }

    /// The session is lost, after it has lasted for that long.
    void lost(bool to_a_ping, Milliseconds lasted);
    /// It is back after this outage; same_place: where it was. True if the patience is greater now.
    bool back(Milliseconds outage, bool same_place);

  private:
    std::chrono::seconds timeout_ = session::usual_ping_timeout;
    bool to_a_ping_ = false;
};

}  // namespace bootwire::keeper
