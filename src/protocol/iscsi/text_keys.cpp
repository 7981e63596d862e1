#include "iscsi/text_keys.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "base/text.h"

namespace bootwire::iscsi {

namespace {

/// Section 6.1: letters, digits and . - + @ _; also '#', which is used by registered extensions.
bool is_key_character(char c) {
    return is_letter_or_digit(c) || c == '.' || c == '-' || c == '+' || c == '@' || c == '_' ||
           c == '#';
}

TextProblem problem_of_key(std::string_view key) {
    if (key.empty()) return TextProblem::empty_key;
    if (key.size() > max_key_length) return TextProblem::key_too_long;
    if (!std::ranges::all_of(key, is_key_character)) return TextProblem::bad_key_character;
    return TextProblem::none;
}

}  // namespace

TextKeyReader::TextKeyReader(Bytes text) : rest_(text_of(text)) {}

std::optional<TextPair> TextKeyReader::next() {
    while (rest_.starts_with('\0'))
        rest_.remove_prefix(1);
    if (rest_.empty() || problem_ != TextProblem::none) return std::nullopt;
    const size_t end = rest_.find('\0');
    const std::string_view pair = rest_.substr(0, end);
    const size_t equals = pair.find('=');
    if (equals == pair.npos) {
        problem_ = TextProblem::no_equals_sign;
        return std::nullopt;
    }
    const TextPair result{pair.substr(0, equals), pair.substr(equals + 1)};
    problem_ = problem_of_key(result.key);
    if (problem_ == TextProblem::none && result.value.size() > max_value_length) {
        problem_ = TextProblem::value_too_long;
    }
    if (problem_ != TextProblem::none) return std::nullopt;
    unterminated_ = end == rest_.npos;
    rest_.remove_prefix(unterminated_ ? rest_.size() : end + 1);
    return result;
}

void TextKeyWriter::add(std::string_view key, std::string_view value) {
    const size_t needed = key.size() + value.size() + 2;
    if (overflowed_ || needed > storage_.size() - size_) {
        overflowed_ = true;
        return;
    }
    auto to = storage_.begin() + static_cast<ptrdiff_t>(size_);
    to = std::ranges::copy(key, to).out;
    *to++ = '=';
    to = std::ranges::copy(value, to).out;
    *to = 0;
    size_ += needed;
}

void TextKeyWriter::add(std::string_view key, uint32_t value) {
    char digits[10];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    add(key, std::string_view(digits, end));
}

void TextKeyWriter::clear() {
    size_ = 0;
    overflowed_ = false;
}

bool TextAssembler::append(Bytes segment) {
    if (segment.size() > storage_.size() - size_) return false;
    std::ranges::copy(segment, storage_.begin() + static_cast<ptrdiff_t>(size_));
    size_ += segment.size();
    return true;
}

std::optional<uint32_t> parse_numerical(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) {
        return parse_number<uint32_t>(text.substr(2), 16);
    }
    return parse_number<uint32_t>(text);
}

std::optional<bool> parse_boolean(std::string_view text) {
    if (text == "Yes") return true;
    if (text == "No") return false;
    return std::nullopt;
}

std::string_view take_list_item(std::string_view& list) {
    const size_t comma = list.find(',');
    const auto item = list.substr(0, comma);
    list = comma == list.npos ? std::string_view{} : list.substr(comma + 1);
    return item;
}

bool list_contains(std::string_view list, std::string_view item) {
    while (!list.empty()) {
        if (take_list_item(list) == item) return true;
    }
    return false;
}

}  // namespace bootwire::iscsi
