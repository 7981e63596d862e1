#include "plan/require_name.h"

#include "base/text.h"
#include "iscsi/name.h"

namespace bootwire::plan {

namespace {

constexpr std::string_view expected =
    "expected iqn.YYYY-MM.REVERSED.DOMAIN[:ANYTHING], eui.16-HEX-DIGITS or naa.16-OR-32-HEX-DIGITS";

}  // namespace

Status require_name(std::string_view role, std::string_view name) {
    const iscsi::NameCheck check = iscsi::check_name(name);
    if (check.ok()) return {};
    const std::string head = std::string(role) + " \"" + printable(name, 240) + "\" ";
    std::string reason;
    switch (check.problem) {
        case iscsi::NameProblem::none:
            break;
        case iscsi::NameProblem::empty:
            return fail(std::string(role) + " is empty", std::string(expected));
        case iscsi::NameProblem::too_long:
            reason = "is longer than 223 bytes";
            break;
        case iscsi::NameProblem::unknown_type:
            reason = "does not begin with iqn., eui. or naa.";
            break;
        case iscsi::NameProblem::bad_character:
            reason = "has the forbidden character '" + printable(name.substr(check.position, 1)) +
                     "' at place " + std::to_string(check.position + 1) +
                     " (letters, digits, '-', '.' and ':' are allowed)";
            break;
        case iscsi::NameProblem::bad_date:
            reason = "has no date of the form YYYY-MM after iqn.";
            break;
        case iscsi::NameProblem::no_authority:
            reason = "has no domain name after the date";
            break;
        case iscsi::NameProblem::bad_digits:
            reason = "has the wrong number of hexadecimal digits";
            break;
    }
    return fail(head + reason, std::string(expected));
}

}  // namespace bootwire::plan
