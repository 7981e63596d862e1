#include "iscsi/name.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"

namespace bootwire::iscsi {

namespace {

bool has_type(std::string_view name, std::string_view type) {
    return same_ignoring_case(name.substr(0, type.size()), type);
}

NameProblem check_iqn(std::string_view rest) {
    const auto digit_at = [&](size_t i) { return i < rest.size() && is_digit(rest[i]); };
    const bool shaped = digit_at(0) && digit_at(1) && digit_at(2) && digit_at(3) &&
                        rest.size() >= 7 && rest[4] == '-' && digit_at(5) && digit_at(6);
    if (!shaped) return NameProblem::bad_date;
    const auto month = parse_number<unsigned>(rest.substr(5, 2));
    if (!month || *month < 1 || *month > 12) return NameProblem::bad_date;
    const auto authority = rest.substr(7, rest.substr(7).find(':'));
    if (authority.size() < 2 || authority[0] != '.') return NameProblem::no_authority;
    return NameProblem::none;
}

NameProblem check_digits(std::string_view digits, bool may_be_long) {
    const bool length_fits = digits.size() == 16 || (may_be_long && digits.size() == 32);
    return length_fits && std::ranges::all_of(digits, is_hex_digit) ? NameProblem::none
                                                                    : NameProblem::bad_digits;
}

}  // namespace

NameCheck check_name(std::string_view name) {
    NameCheck check;
    if (name.empty()) check.problem = NameProblem::empty;
    if (name.size() > max_name_length) check.problem = NameProblem::too_long;
    if (!check.ok()) return check;
    for (size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        if (is_letter_or_digit(c) || c == '-' || c == '.' || c == ':' || c == '_') continue;
        check.problem = NameProblem::bad_character;
        check.position = i;
        return check;
    }
    if (has_type(name, "iqn.")) {
        check.problem = check_iqn(name.substr(4));
    } else if (has_type(name, "eui.")) {
        check.problem = check_digits(name.substr(4), false);
    } else if (has_type(name, "naa.")) {
        check.problem = check_digits(name.substr(4), true);
    } else {
        check.problem = NameProblem::unknown_type;
    }
    return check;
}

}  // namespace bootwire::iscsi
