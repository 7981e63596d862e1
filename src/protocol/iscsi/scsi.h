// SCSI as far as it is spoken outside the kernel (SPC-4): commands, how they end, and the answers
// to REPORT LUNS and INQUIRY. Reservations are in reservation.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/fixed_text.h"
#include "iscsi/lun.h"

namespace bootwire::iscsi {

/// A command without its LUN; `out` is sent to, `in_length` expected from the target.
struct ScsiCommand {
    std::array<uint8_t, 16> cdb{};
    size_t cdb_length = 0;
    std::array<uint8_t, 24> out{};
    size_t out_length = 0;
    uint32_t in_length = 0;
};

/// TEST UNIT READY (SPC-4 section 6.47).
constexpr ScsiCommand test_unit_ready() {
    ScsiCommand command;
    command.cdb_length = 6;
    return command;
}

/// The status of a command (SAM-5 section 5.3.1), as far as it is told apart.
enum class ScsiStatus : uint8_t {
    good = 0x00,
    check_condition = 0x02,
    busy = 0x08,
    reservation_conflict = 0x18,
    task_set_full = 0x28,
};

struct Sense {
    uint8_t key = 0;   ///< sense_not_ready…
    uint8_t code = 0;  ///< ASC
    uint8_t qualifier = 0;
};
inline constexpr uint8_t sense_not_ready = 2;
inline constexpr uint8_t sense_illegal_request = 5;
inline constexpr uint8_t sense_unit_attention = 6;
/// Fixed and descriptor format (SPC-4 section 4.5); nothing for other or too few bytes.
std::optional<Sense> decode_sense(Bytes data);

/// What says that another way to the disk may do (SPC-4 section 5.15.2.4): the state of the
/// target's port (unavailable, on standby, going over to another state), or that the LUN is not
/// there.
bool is_of_the_way(const Sense& sense);
/// What says that the port's state is, or may be, another one than before.
bool tells_of_changed_access(const Sense& sense);

/// LUNs that are taken from one REPORT LUNS answer at most.
inline constexpr size_t max_reported_luns = 1024;

/// The LUNs in the parameter data of REPORT LUNS (SPC-4 section 6.33), as many as the bytes and the
/// list's length hold, at most max_reported_luns. Nothing if not even the header is there.
std::optional<std::vector<Lun>> decode_report_luns(Bytes parameter_data);
/// Bytes that the whole list needs, header included, as its header says; to ask again with more.
uint64_t report_luns_size(Bytes parameter_data);

enum class PeripheralType : uint8_t {
    disk = 0x00,
    tape = 0x01,
    processor = 0x03,
    cd = 0x05,
    changer = 0x08,
    controller = 0x0c,
    enclosure = 0x0d,
    reduced_block = 0x0e,
    none = 0x1f,
};

/// The standard INQUIRY data (SPC-4 section 6.6.2).
struct Inquiry {
    /// 0: connected. 1: could be. 3: the LUN does not exist.
    uint8_t qualifier = 0;
    PeripheralType type = PeripheralType::none;
    FixedText<8> vendor;  ///< as the device sends it, blanks at the end cut; printable() it
    FixedText<16> product;
    FixedText<4> revision;

    bool is_disk() const { return qualifier == 0 && type == PeripheralType::disk; }
};

/// Nothing of fewer than 5 bytes; texts that are not there stay empty.
std::optional<Inquiry> decode_inquiry(Bytes data);

}  // namespace bootwire::iscsi
