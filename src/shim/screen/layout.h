// From a view to things with a place, and from these to pixels. No I/O. Everything stands on a grid
// of characters, so that all sizes look alike: 80 columns and 30 lines at the least, 640×480.
#pragma once

#include <string>
#include <vector>

#include "screen/canvas.h"
#include "screen/qr.h"
#include "screen/view.h"

namespace bootwire::screen {

/// Something on the screen. Only a panel has others on top of it.
struct Item {
    enum class Kind { panel, text, mark, code };

    Kind kind = Kind::text;
    Rect place{};
    Colour colour = 0;
    std::string text{};                       ///< of a text
    const Font* font = nullptr;               ///< likewise
    int scale = 1;                            ///< likewise
    Step::State mark = Step::State::waiting;  ///< of a mark
    std::optional<QrCode> code{};             ///< of a code; place includes its quiet zone
};

/// Font and size for a screen, in pixels.
struct Grid {
    const Font* font;
    int scale;
    int columns;
    int lines;
    int left;  ///< of column 0
    int top;   ///< of line 0

    int cell_width() const { return font->width * scale; }
    int cell_height() const { return font->height * scale; }
};

/// At least 80 columns and 30 lines on a screen of at least 640×480.
Grid grid_for(int width, int height);

/// Lines of at most so many characters, broken at blanks where there are any; the last one ends in
/// "..." if there would be more than most_lines. Non-ASCII characters are replaced.
std::vector<std::string> wrap(std::string_view text, size_t columns, size_t most_lines);

/// In the order in which they are to be drawn.
std::vector<Item> lay_out(const View& view, int width, int height, Moment now);

Canvas draw(const View& view, int width, int height, Moment now);

}  // namespace bootwire::screen
