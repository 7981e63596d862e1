// Bitmap fonts of the splash: Spleen, by tools/font.py.
#pragma once

#include <cstdint>
#include <string_view>

namespace bootwire::screen {

struct Font {
    int width;                    ///< of every glyph, in pixels
    int height;                   ///< likewise
    std::string_view characters;  ///< that it has
    const uint8_t* rows;  ///< a glyph's rows, each (width + 7) / 8 bytes, leftmost bit first
};

extern const Font small_font;   // 8×16
extern const Font medium_font;  // 12×24
extern const Font large_font;   // 16×32
extern const Font name_font;    // 32×64, the letters of the project's name only

}  // namespace bootwire::screen
