#include "control/ending.h"

#include <algorithm>

#include "base/ascii.h"

namespace bootwire::control {

namespace {

constexpr size_t longest_disk_name = 31;  // DISK_NAME_LEN of the kernel's blkdev.h, without a NUL

/// No part of a path can be mistaken for one.
bool is_disk_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_disk_name &&
           std::ranges::all_of(name, [](char c) {
               return is_letter_or_digit(c) || c == '-' || c == '_' || c == '!';
           });
}

}  // namespace

std::string noted_answer(std::string_view disk) {
    return std::string(noted) + " " + std::string(disk) + "\n";
}

std::optional<std::string> disk_of_noted_answer(std::string_view answer) {
    if (!answer.starts_with(noted) || !answer.ends_with('\n')) return std::nullopt;
    answer.remove_prefix(noted.size());
    answer.remove_suffix(1);
    if (!answer.starts_with(' ') || !is_disk_name(answer.substr(1))) return std::nullopt;
    return std::string(answer.substr(1));
}

}  // namespace bootwire::control
