// Text in storage of its own with a capacity fixed at compile time: no heap, nothing to free.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace bootwire {

template <size_t Capacity>
class FixedText {
  public:
    FixedText() = default;

    /// False, and nothing changed, if the text is longer than the capacity.
    bool assign(std::string_view text) {
        if (text.size() > Capacity) return false;
        std::ranges::copy(text, characters_.begin());
        size_ = text.size();
        return true;
    }
    /// As much of the text as fits: for texts that are only shown.
    void assign_cut(std::string_view text) { assign(text.substr(0, Capacity)); }
    void clear() { size_ = 0; }

    std::string_view view() const { return {characters_.data(), size_}; }
    bool empty() const { return size_ == 0; }
    bool operator==(const FixedText& other) const { return view() == other.view(); }

    static constexpr size_t capacity = Capacity;

  private:
    std::array<char, Capacity> characters_{};
    size_t size_ = 0;
};

}  // namespace bootwire
