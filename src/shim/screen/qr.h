// QR codes (ISO/IEC 18004), as far as an address needs them: bytes, versions 1 to 6, error
// correction M (15 % of the code may be unreadable). No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace bootwire::screen {

/// What fits: version 6, M, byte mode.
inline constexpr size_t longest_qr_text = 106;

class QrCode {
  public:
    /// Nothing if the text is longer than longest_qr_text bytes. mask: 0 to 7, the pattern that is
    /// laid over the data; without one, that which a camera is confused least by.
    static std::optional<QrCode> encode(std::string_view text, std::optional<int> mask = {});

    /// Modules along each side, 21 to 41, without the quiet zone of four that belongs around it.
    int size() const { return size_; }
    bool dark(int x, int y) const { return (modules_[index(x, y)] & dark_bit) != 0; }

  private:
    static constexpr uint8_t dark_bit = 1;
    static constexpr uint8_t function_bit = 2;  // not data: masks leave it alone

    explicit QrCode(int version);
    size_t index(int x, int y) const { return static_cast<size_t>(y) * size_ + x; }
    void set_function(int x, int y, bool dark);
    void draw_finder(int left, int top);
    void draw_alignment(int centre);
    void draw_format(int mask);
    void draw_data(const std::vector<uint8_t>& codewords);
    void apply_mask(int mask);
    int penalty() const;
    int penalty_of_lines(bool rows) const;

    int size_;
    std::vector<uint8_t> modules_;
};

}  // namespace bootwire::screen
