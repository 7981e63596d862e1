#include "screen/canvas.h"

#include <algorithm>
#include <cmath>

namespace bootwire::screen {

namespace {

uint32_t mix(uint32_t below, uint32_t above, float opacity, int shift) {
    const float from = static_cast<float>(below >> shift & 0xff);
    const float to = static_cast<float>(above >> shift & 0xff);
    return static_cast<uint32_t>(std::lround(from + (to - from) * opacity)) << shift;
}

}  // namespace

void Canvas::fill(const Rect& rect, Colour colour) {
    const int left = std::max(rect.x, 0);
    const int right = std::min(rect.right(), width_);
    for (int y = std::max(rect.y, 0); y < std::min(rect.bottom(), height_) && left < right; ++y) {
        uint32_t* const start = &pixels_[static_cast<size_t>(y) * width_];
        std::fill(start + left, start + right, colour);
    }
}

void Canvas::text(int x, int y, std::string_view text, const Font& font, int scale, Colour colour) {
    const int row_bytes = (font.width + 7) / 8;
    for (size_t i = 0; i < text.size(); ++i, x += font.width * scale) {
        const size_t glyph = font.characters.find(text[i]);
        if (glyph == font.characters.npos) continue;
        const uint8_t* const rows = font.rows + glyph * row_bytes * font.height;
        for (int row = 0; row < font.height; ++row) {
            for (int column = 0; column < font.width; ++column) {
                if ((rows[row * row_bytes + column / 8] << (column % 8) & 0x80) == 0) continue;
                fill({x + column * scale, y + row * scale, scale, scale}, colour);
            }
        }
    }
}

void Canvas::blend(int x, int y, Colour colour, float opacity) {
    if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
    uint32_t& pixel = pixels_[static_cast<size_t>(y) * width_ + x];
    pixel = mix(pixel, colour, opacity, 16) | mix(pixel, colour, opacity, 8) |
            mix(pixel, colour, opacity, 0);
}

/// outside: how far, in pixels, a pixel's middle lies outside of the shape; negative inside.
template <class Distance>
void Canvas::shape(const Rect& around, Distance outside, Colour colour) {
    for (int y = around.y; y < around.bottom(); ++y) {
        for (int x = around.x; x < around.right(); ++x) {
            const float far = outside(static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f);
            if (far < 0.5f) blend(x, y, colour, std::min(0.5f - far, 1.0f));
        }
    }
}

void Canvas::disc(Point centre, float radius, Colour colour) {
    const int reach = static_cast<int>(radius) + 2;
    const Rect around{static_cast<int>(centre.x) - reach, static_cast<int>(centre.y) - reach,
                      2 * reach, 2 * reach};
    shape(
        around, [&](float x, float y) { return std::hypot(x - centre.x, y - centre.y) - radius; },
        colour);
}

void Canvas::line(Point from, Point to, float thickness, Colour colour) {
    const int reach = static_cast<int>(thickness) + 2;
    const int left = static_cast<int>(std::min(from.x, to.x)) - reach;
    const int top = static_cast<int>(std::min(from.y, to.y)) - reach;
    const Rect around{left, top, static_cast<int>(std::max(from.x, to.x)) + reach - left,
                      static_cast<int>(std::max(from.y, to.y)) + reach - top};
    const float dx = to.x - from.x;
    const float dy = to.y - from.y;
    const float length = dx * dx + dy * dy;
    shape(
        around,
        [&](float x, float y) {
            const float along = ((x - from.x) * dx + (y - from.y) * dy) / length;
            const float at = std::clamp(along, 0.0f, 1.0f);
            return std::hypot(x - from.x - at * dx, y - from.y - at * dy) - thickness / 2;
        },
        colour);
}

}  // namespace bootwire::screen
