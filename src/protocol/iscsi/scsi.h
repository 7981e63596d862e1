// The few SCSI answers that are read outside the kernel (SPC-4): REPORT LUNS and INQUIRY.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/fixed_text.h"
#include "iscsi/lun.h"

namespace bootwire::iscsi {

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
    cd = 0x05,
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
    bool removable = false;
    FixedText<8> vendor;  ///< as the device sends it, blanks at the end cut; printable() it
    FixedText<16> product;
    FixedText<4> revision;

    bool is_disk() const { return qualifier == 0 && type == PeripheralType::disk; }
};

/// Nothing of fewer than 5 bytes; texts that are not there stay empty.
std::optional<Inquiry> decode_inquiry(Bytes data);

}  // namespace bootwire::iscsi
