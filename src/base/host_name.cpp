#include "base/host_name.h"

#include <algorithm>

#include "base/ascii.h"

namespace bootwire {

namespace {

bool may_be_in_label(char c) {
    return is_letter_or_digit(c) || c == '-' || c == '_';
}

}  // namespace

std::string_view host_name_problem(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    if (name.empty()) return "it is empty";
    if (name.size() > 253) return "it has more than 253 characters";
    for (;;) {
        const size_t dot = name.find('.');
        const std::string_view label = name.substr(0, dot);
        if (label.empty()) return "nothing between two dots";
        if (label.size() > 63) return "a part has more than 63 characters";
        if (label.front() == '-' || label.back() == '-') {
            return "a part begins or ends with a hyphen";
        }
        if (!std::ranges::all_of(label, may_be_in_label)) {
            return "only letters, digits, hyphens, underscores and dots may be in it";
        }
        if (dot == name.npos) {
            return std::ranges::all_of(label, is_digit) ? "its last part is a number" : "";
        }
        name.remove_prefix(dot + 1);
    }
}

}  // namespace bootwire
