#include "eeprom/filters.h"

#include <algorithm>
#include <vector>

#include "base/ascii.h"
#include "base/text.h"
#include "bootfiles/board_type.h"

namespace bootwire::eeprom {

namespace {

constexpr uint32_t new_style_bit = 1U << 23;
constexpr uint32_t all_types = 0x100;

bool is_of(const bootfiles::BoardType& type, Chip chip) {
    const auto filters = split_words(type.filters);
    return !filters.empty() && filters.front() == (chip == Chip::bcm2711 ? "pi4" : "pi5");
}

/// The boards that it may be.
std::vector<const bootfiles::BoardType*> candidates(const Board& board) {
    if (board.revision) {
        const bootfiles::BoardType* type = bootfiles::board_type(board.revision);
        if (type != nullptr) return {type};
    }
    std::vector<const bootfiles::BoardType*> types;
    for (uint32_t number = 0; number < all_types; ++number) {
        const auto* type = bootfiles::board_type(new_style_bit | number << 4);
        if (type != nullptr && is_of(*type, board.chip)) types.push_back(type);
    }
    return types;
}

/// Whether it holds for all of the boards, for some or for none.
template <class Holds>
Applies by_type(const Board& board, Holds holds) {
    const auto types = candidates(board);
    const auto number =
        std::ranges::count_if(types, [&](const auto* type) { return holds(*type); });
    if (number == 0) return Applies::no;
    return static_cast<size_t>(number) == types.size() ? Applies::yes : Applies::maybe;
}

/// The lower 32 bits of a serial number.
std::optional<uint32_t> serial_word(std::string_view digits) {
    if (digits.size() > 8) digits = digits.substr(digits.size() - 8);
    return parse_number<uint32_t>(digits, 16);
}

}  // namespace

Applies Filters::model(std::string_view name) const {
    return by_type(board_, [&](const bootfiles::BoardType& type) {
        const auto filters = split_words(type.filters);
        return std::ranges::find(filters, name) != filters.end();
    });
}

Applies Filters::board_type(std::string_view number) const {
    const auto wanted = number.starts_with("0x") ? parse_number<uint32_t>(number.substr(2), 16)
                                                 : parse_number<uint32_t>(number);
    if (!wanted || *wanted >= all_types) return Applies::maybe;
    // One that is later than the table of boards.
    if (!board_.revision && bootfiles::board_type(new_style_bit | *wanted << 4) == nullptr) {
        return Applies::maybe;
    }
    if (board_.revision) {
        return ((*board_.revision >> 4) & 0xff) == *wanted ? Applies::yes : Applies::no;
    }
    return by_type(board_, [&](const bootfiles::BoardType& type) { return type.type == *wanted; });
}

Applies Filters::serial_number(std::string_view number) const {
    const auto wanted = serial_word(number);
    const auto ours = serial_word(board_.serial);
    if (!wanted || !ours) return Applies::maybe;
    return *wanted == *ours ? Applies::yes : Applies::no;
}

void Filters::take(std::string_view filter) {
    const std::string name = lower(trim(filter));
    if (name == "all") {
        none_ = model_ = serial_ = other_ = Applies::yes;
        return;
    }
    if (name == "none") {
        none_ = Applies::no;
        return;
    }
    // Whether another filter ends [none], or only [all] does, is written nowhere.
    if (none_ == Applies::no) none_ = Applies::maybe;
    constexpr std::string_view type_prefix = "board-type=";
    if (bootfiles::is_model_filter(name)) {
        model_ = model(name);
    } else if (name.starts_with(type_prefix)) {
        model_ = board_type(std::string_view(name).substr(type_prefix.size()));
    } else if (name.starts_with("0x")) {
        serial_ = serial_number(std::string_view(name).substr(2));
    } else {
        other_ = Applies::maybe;
    }
}

Applies Filters::now() const {
    return std::min({none_, model_, serial_, other_});
}

}  // namespace bootwire::eeprom
