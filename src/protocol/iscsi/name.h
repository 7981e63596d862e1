// iSCSI names (RFC 7143 section 4.2.7, RFC 3722, RFC 3721, RFC 3980).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/fixed_text.h"

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
    /// Upper-case letters, which RFC 3722 folds: two names that differ in them alone are the same
    /// to a strict target and two to a lax one.
    bool has_upper_case = false;
    /// '_', which RFC 3722 forbids and many targets have all the same.
    bool has_underscore = false;

    bool ok() const { return problem == NameProblem::none; }
};

NameCheck check_name(std::string_view name);
/// Lower case, as RFC 3722 prepares a name for comparison; false if it is longer than allowed.
bool fold_name(std::string_view name, FixedText<max_name_length>& folded);

}  // namespace bootwire::iscsi
