// Logical unit numbers: eight bytes on the wire (SAM-5 section 4.7), a flat number in Linux.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bootwire::iscsi {

struct Lun {
    /// The eight bytes, read big-endian: LUN 1 is 0x0001000000000000.
    uint64_t wire = 0;

    /// From the number that Linux shows (scsilun_to_int): 16-bit levels, the first one lowest.
    static Lun from_linux(uint64_t number);
    /// A flat number as operators write it: up to 255 in peripheral addressing, up to 16383 in flat
    /// space addressing, else nothing.
    static std::optional<Lun> from_number(uint32_t number);
    /// RFC 4173: hexadecimal levels of up to four digits, up to four joined by '-'
    /// ("1", "0001", "0-0-0-0", "4752-3A4F-6b7e-2F99"); a level that is left out is 0. Also the 16
    /// digits without dashes that some servers write. Empty text is LUN 0.
    static std::optional<Lun> parse(std::string_view text);

    /// The number that Linux uses in H:C:T:L and in the scan file.
    uint64_t to_linux() const;
    /// The number a person knows it by: addressing bits left out, for single-level LUNs.
    uint64_t number() const;
    /// "1" for simple numbers (decimal), else the dashed form in hexadecimal.
    std::string to_string() const;

    auto operator<=>(const Lun&) const = default;
};

}  // namespace bootwire::iscsi
