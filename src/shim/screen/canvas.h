// Pixels in memory, and the few things that the splash draws on them. No I/O.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "screen/font.h"

namespace bootwire::screen {

using Colour = uint32_t;  ///< 0x00RRGGBB

struct Point {
    float x = 0;
    float y = 0;
};

/// In pixels; right and bottom are outside.
struct Rect {
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;

    int right() const { return x + width; }
    int bottom() const { return y + height; }
    bool operator==(const Rect&) const = default;
};

class Canvas {
  public:
    Canvas(int width, int height, Colour background)
        : width_(width),
          height_(height),
          pixels_(static_cast<size_t>(width) * height, background) {}

    int width() const { return width_; }
    int height() const { return height_; }
    const uint32_t* row(int y) const { return &pixels_[static_cast<size_t>(y) * width_]; }

    // What lies outside is not drawn.

    void fill(const Rect& rect, Colour colour);
    /// Characters that the font lacks are left blank. scale: each of its pixels becomes so many.
    void text(int x, int y, std::string_view text, const Font& font, int scale, Colour colour);
    /// Smooth at the edges, as is line().
    void disc(Point centre, float radius, Colour colour);
    void line(Point from, Point to, float thickness, Colour colour);

  private:
    void blend(int x, int y, Colour colour, float opacity);
    template <class Distance>
    void shape(const Rect& around, Distance outside, Colour colour);

    int width_;
    int height_;
    std::vector<uint32_t> pixels_;
};

}  // namespace bootwire::screen
