#include "bootfiles/board_type.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace bootwire::bootfiles {

namespace {

constexpr uint32_t new_style_bit = 1U << 23;
constexpr std::string_view kernel8 = "kernel8.img";
constexpr std::string_view pi5_kernels = "kernel_2712.img kernel8.img";

constexpr std::array board_types{
    BoardType{0x08, "pi3", false, kernel8, "kernel7.img", "bcm2710-rpi-3-b", "bcm2837-rpi-3-b"},
    BoardType{0x0a, "pi3 cm3", false, kernel8, "kernel7.img", "bcm2710-rpi-cm3",
              "bcm2837-rpi-cm3-io3"},
    BoardType{0x0d, "pi3 pi3+", false, kernel8, "kernel7.img", "bcm2710-rpi-3-b-plus",
              "bcm2837-rpi-3-b-plus"},
    BoardType{0x0e, "pi3 pi3+", false, kernel8, "kernel7.img",
              "bcm2710-rpi-3-a-plus bcm2710-rpi-3-b-plus", "bcm2837-rpi-3-a-plus"},
    BoardType{0x10, "pi3 cm3 cm3+", false, kernel8, "kernel7.img", "bcm2710-rpi-cm3",
              "bcm2837-rpi-cm3-io3"},
    BoardType{0x11, "pi4", true, kernel8, "kernel7l.img", "bcm2711-rpi-4-b", "bcm2711-rpi-4-b"},
    BoardType{0x12, "pi0 pi0w pi02", false, kernel8, "kernel7.img",
              "bcm2710-rpi-zero-2-w bcm2710-rpi-zero-2", "bcm2837-rpi-zero-2-w"},
    BoardType{0x13, "pi4 pi400", true, kernel8, "kernel7l.img", "bcm2711-rpi-400",
              "bcm2711-rpi-400"},
    BoardType{0x14, "pi4 cm4", true, kernel8, "kernel7l.img", "bcm2711-rpi-cm4",
              "bcm2711-rpi-cm4-io"},
    BoardType{0x15, "pi4 cm4s", true, kernel8, "kernel7l.img", "bcm2711-rpi-cm4s", ""},
    BoardType{0x17, "pi5", true, pi5_kernels, "", "bcm2712-rpi-5-b bcm2712-d-rpi-5-b",
              "bcm2712-rpi-5-b", "bcm2712d0-rpi-5-b bcm2712-d-rpi-5-b"},
    BoardType{0x18, "pi5 cm5", true, pi5_kernels, "", "bcm2712-rpi-cm5-cm5io", ""},
    BoardType{0x19, "pi5 pi500", true, pi5_kernels, "", "bcm2712-rpi-500", ""},
    BoardType{0x1a, "pi5 cm5", true, pi5_kernels, "", "bcm2712-rpi-cm5l-cm5io", ""},
};

/// Filters of models that no kernel of ours runs on.
constexpr std::array<std::string_view, 4> other_models{"pi1", "pi2", "cm0", "cm1"};

bool has_word(std::string_view words, std::string_view word) {
    const auto all = split_words(words);
    return std::ranges::find(all, word) != all.end();
}

}  // namespace

const BoardType* board_type(std::optional<uint32_t> revision) {
    if (!revision || (*revision & new_style_bit) == 0) return nullptr;
    const auto type = static_cast<uint8_t>(*revision >> 4);
    const auto* found = std::ranges::find(board_types, type, &BoardType::type);
    return found == board_types.end() ? nullptr : &*found;
}

bool is_model_filter(std::string_view name) {
    return std::ranges::find(other_models, name) != other_models.end() ||
           std::ranges::any_of(board_types,
                               [&](const BoardType& type) { return has_word(type.filters, name); });
}

}  // namespace bootwire::bootfiles
