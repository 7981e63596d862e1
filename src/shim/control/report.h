// What the keeper tells of itself when it is asked: plain values, without secrets. render.h makes
// text of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "block/counters.h"

namespace bootwire::control {

/// A time without session, over by now.
struct Outage {
    Moment began;
    Milliseconds duration;
    std::string reason;
};

/// What initiator and target agreed on; sizes in bytes.
struct Agreed {
    bool header_digest = false;
    bool data_digest = false;
    bool initial_r2t = false;
    bool immediate_data = false;
    uint32_t max_recv_segment = 0;  ///< the longest data segment that this side takes
    uint32_t max_xmit_segment = 0;  ///< and the target
    uint32_t first_burst = 0;
    uint32_t max_burst = 0;
    uint32_t max_outstanding_r2t = 0;
};

struct SessionReport {
    bool up = false;
    std::string doing;      ///< while it is lost: "waiting for the next attempt"
    std::string trouble;    ///< while it is lost: why it is, or why the last attempt failed
    Moment since{0};        ///< connected, or lost, since then
    unsigned attempts = 0;  ///< since it was lost
    std::string portal;     ///< where it is, or where it is looked for
    std::string target;
    std::string initiator;
    std::optional<std::chrono::seconds> recovery;  ///< how long I/O waits; nothing: for ever
    /// iscsi.exclusive: the key that the disk is held with, in hexadecimal; empty: it is not held.
    std::string reservation_key;
    Agreed agreed;
};

struct AddressReport {
    std::string interface;
    bool has_carrier = false;
    std::string address;  ///< with its prefix length
    bool leased = false;
    std::string server;             ///< of the lease
    std::optional<Moment> renewal;  ///< nothing: never
    std::optional<Moment> expiry;   ///< nothing: never
    std::string lease_lost{};       ///< why the lease does not hold any more; empty: it does
    bool given_back = false;        ///< the address of a lost lease, which another host has
};

/// Changes that are kept in memory (iscsi.overlay=ram), in bytes.
struct OverlayReport {
    uint64_t changes = 0;
    uint64_t memory = 0;  ///< that they take, compressed
    uint64_t limit = 0;   ///< of that
    unsigned percent_full = 0;
};

struct DiskReport {
    std::string name;  ///< the kernel's, "sda"
    std::string lun;
    std::optional<block::Counters> counters;  ///< nothing: not known
    std::optional<OverlayReport> overlay{};   ///< nothing: changes are written to the disk
};

/// A stage of the boot and when it began.
struct BootStage {
    std::string name;
    Moment began;
};

struct Report {
    std::string version;
    Moment now{0};  ///< when this was true
    /// What CLOCK_REALTIME showed when the kernel started, by the clock as it is now, since the
    /// epoch.
    Milliseconds started_at{0};
    SessionReport session;
    AddressReport address;
    DiskReport disk;
    uint64_t outage_count = 0;
    Milliseconds outage_time{0};
    std::vector<Outage> outages;  ///< the last ones, oldest first
    std::vector<BootStage> stages;
};

}  // namespace bootwire::control
