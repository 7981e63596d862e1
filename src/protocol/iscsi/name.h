// iSCSI names (RFC 7143 section 4.2.7, RFC 3722, RFC 3721, RFC 3980).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bootwire::iscsi {

inline constexpr size_t max_name_length = 223;

enum class NameProblem : uint8_t {
    none,
    empty,
    too_long,
    unknown_type,   ///< neither iqn. nor eui. nor naa.
    bad_character,  ///< at `position`
    bad_date,       ///< iqn: not yyyy-mm
    no_authority,   ///< iqn: no reversed domain name after the date
    bad_digits,     ///< eui: not 16, naa: not 16 or 32 hexadecimal digits
};

struct NameCheck {
    NameProblem problem = NameProblem::none;
    size_t position = 0;

    bool ok() const { return problem == NameProblem::none; }
};

/// Upper case passes, though RFC 3722 folds it: a name goes out as it was typed, since names that
/// differ in it alone are two to a lax target. '_' passes, too: many targets have it.
NameCheck check_name(std::string_view name);

}  // namespace bootwire::iscsi
