// Persistent reservations (SPC-4 section 5.13): one machine holds a disk, and the disk itself
// refuses the writes of all others. Commands and the reading of their answers; what is done with
// them is in claim.h.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/fixed_text.h"
#include "iscsi/name.h"
#include "iscsi/scsi.h"

namespace bootwire::iscsi {

/// The type that bootwire holds: only registrants may write, everybody may read (section 5.13.2).
/// A backup of the disk or the look at its partition table stays possible.
inline constexpr uint8_t write_exclusive_registrants_only = 5;

enum class ReserveIn : uint8_t { read_keys = 0, read_reservation = 1, read_full_status = 3 };
enum class ReserveOut : uint8_t {
    reserve = 1,
    release = 2,
    preempt = 4,
    register_ignoring_key = 6,
};

/// PERSISTENT RESERVE IN (section 6.16).
ScsiCommand reserve_in(ReserveIn action, uint16_t allocation_length);
/// PERSISTENT RESERVE OUT (section 6.17). key: ours. action_key: the key to register, or that of
/// whoever is preempted. aptpl: the target shall remember it through a loss of power.
ScsiCommand reserve_out(ReserveOut action, uint64_t key, uint64_t action_key, bool aptpl = false);

struct Reservation {
    bool held = false;
    uint64_t key = 0;  ///< of the holder; 0 where all registrants hold it
    uint8_t type = 0;
};
/// The parameter data of READ RESERVATION (section 6.16.3).
std::optional<Reservation> decode_reservation(Bytes data);

struct Registrant {
    uint64_t key = 0;
    bool holder = false;
    FixedText<max_name_length> initiator;  ///< empty without a valid iSCSI name
};
/// Walks over the parameter data of READ FULL STATUS (section 6.16.5), as far as there are bytes.
class Registrants {
  public:
    explicit Registrants(Bytes data);
    std::optional<Registrant> next();

  private:
    Bytes rest_;
};

}  // namespace bootwire::iscsi
