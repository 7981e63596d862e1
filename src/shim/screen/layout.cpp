#include "screen/layout.h"

#include <algorithm>
#include <cstdio>

#include "base/ascii.h"

namespace bootwire::screen {

namespace {

using namespace std::chrono_literals;

constexpr Colour background_colour = 0x0e1318;
constexpr Colour text_colour = 0xe4e8ec;
constexpr Colour muted_colour = 0x8b96a1;
constexpr Colour faint_colour = 0x2a333d;
constexpr Colour panel_colour = 0x171e26;
constexpr Colour name_colour = 0xffffff;
constexpr Colour accent_colour = 0x6cb6ff;
constexpr Colour done_colour = 0x63c07c;
constexpr Colour wait_colour = 0xe3b04b;
constexpr Colour failure_colour = 0xf0645a;

constexpr int least_columns = 80;
constexpr int most_columns = 104;
constexpr int line_count = 30;
constexpr int margin = 4;              // columns, left and right
constexpr int detail_column = 14;      // column at which a step's detail begins, from the margin
constexpr int time_width = 9;          // columns for a step's time, at the right
constexpr int first_step_line = 7;     // line
constexpr int notice_lines = 13;       // of the panel
constexpr int code_columns = 26;       // of the panel, for the code: as wide as the panel is high
constexpr int most_text_lines = 3;     // of it, for what has failed or is waited for
constexpr int most_closing_lines = 3;  // of it
constexpr Milliseconds say_how_long = 2s;

std::string plain(std::string_view text) {
    std::string ascii;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i).starts_with("…")) {
            ascii += "...";
            i += 2;
        } else {
            ascii += is_graphic_or_blank(text[i]) ? text[i] : '?';
        }
    }
    return ascii;
}

std::string shortened(std::string_view text, size_t columns) {
    std::string ascii = plain(text);
    if (ascii.size() <= columns) return ascii;
    return ascii.substr(0, columns - 3) + "...";
}

/// "80 ms", "3.2 s", "12 s", "3 min".
std::string duration(Milliseconds time) {
    char text[32];
    const auto ms = static_cast<long long>(std::max(time, 0ms).count());
    if (ms < 1000) {
        std::snprintf(text, sizeof text, "%lld ms", ms);
    } else if (ms < 10000) {
        std::snprintf(text, sizeof text, "%lld.%lld s", ms / 1000, ms / 100 % 10);
    } else if (ms < 120000) {
        std::snprintf(text, sizeof text, "%lld s", ms / 1000);
    } else {
        std::snprintf(text, sizeof text, "%lld min", ms / 60000);
    }
    return text;
}

/// Puts items on a grid, relative to the content's left margin.
class Page {
  public:
    explicit Page(const Grid& grid) : grid_(grid), columns_(grid.columns - 2 * margin) {}

    int columns() const { return columns_; }
    std::vector<Item> take() { return std::move(items_); }

    Rect cells(int column, int line, int columns, int lines) const {
        return {grid_.left + (margin + column) * grid_.cell_width(),
                grid_.top + line * grid_.cell_height(), columns * grid_.cell_width(),
                lines * grid_.cell_height()};
    }
    void text(int column, int line, std::string text, Colour colour) {
        if (text.empty()) return;
        Item item{Item::Kind::text, cells(column, line, static_cast<int>(text.size()), 1), colour};
        item.text = std::move(text);
        item.font = grid_.font;
        item.scale = grid_.scale;
        items_.push_back(std::move(item));
    }
    void text_at_right(int line, const std::string& words, Colour colour) {
        text(columns_ - static_cast<int>(words.size()), line, words, colour);
    }
    void panel(const Rect& place, Colour colour) {
        items_.push_back({Item::Kind::panel, place, colour});
    }
    void name();
    void mark(int line, Step::State state, Colour colour);
    bool code(int line, const std::string& link);

  private:
    Grid grid_;
    int columns_;
    std::vector<Item> items_;
};

/// Twice the size of the other text.
void Page::name() {
    Item item{Item::Kind::text, {}, name_colour};
    item.font = grid_.font == &small_font ? &large_font : &name_font;
    item.scale = grid_.scale;
    if (grid_.font == &medium_font) item.font = &large_font;
    const Rect place = cells(0, 1, 0, 2);
    const int width = item.font->width * item.scale;
    int x = place.x;
    for (const auto& [word, colour] :
         {std::pair{"boot", name_colour}, std::pair{"wire", accent_colour}}) {
        item.text = word;
        item.colour = colour;
        item.place = {x, place.y, 4 * width, item.font->height * item.scale};
        x += 4 * width;
        items_.push_back(item);
    }
}

void Page::mark(int line, Step::State state, Colour colour) {
    Item item{Item::Kind::mark, cells(0, line, 2, 1), colour};
    item.mark = state;
    items_.push_back(std::move(item));
}

/// In whole pixels a module, within the panel's height less half a line above and below. False if
/// the link is too long.
bool Page::code(int line, const std::string& link) {
    auto code = QrCode::encode(link);
    if (!code) return false;
    const Rect room = cells(columns_ - code_columns, line, code_columns, notice_lines);
    const int modules = code->size() + 8;
    const int most = std::min(room.width, room.height) - grid_.cell_height();
    const int pixels = most / modules * modules;
    const int inset = (room.height - pixels) / 2;
    Item item{Item::Kind::code, {room.right() - pixels - inset, room.y + inset, pixels, pixels}};
    item.code = std::move(code);
    items_.push_back(std::move(item));
    return true;
}

void put_header(const View& view, Page& page) {
    page.name();
    page.text_at_right(2, shortened(view.version, 40), muted_colour);
    const auto room = static_cast<size_t>(page.columns());
    const std::string serial = shortened(view.serial, 32);
    page.text(0, 4, shortened(view.board, room - serial.size() - 2), text_colour);
    page.text_at_right(4, serial, muted_colour);
    Rect rule = page.cells(0, 5, page.columns(), 1);
    rule.y += rule.height / 2;
    rule.height = std::max(rule.height / 16, 1);
    page.panel(rule, faint_colour);
}

/// Returns the line after it.
int put_step(const Step& step, int line, Moment now, Page& page) {
    const bool waits = step.state == Step::State::waiting;
    const bool failed = step.state == Step::State::failed;
    const Colour colour = waits ? muted_colour : failed ? failure_colour : text_colour;
    page.mark(line, step.state, colour);
    page.text(3, line, shortened(step.name, detail_column - 4), colour);
    if (step.state == Step::State::done) {
        page.text_at_right(line, duration(step.ended - step.began), muted_colour);
    } else if (step.state == Step::State::running && now - step.began >= say_how_long) {
        page.text_at_right(line, duration(now - step.began), accent_colour);
    }
    const auto room = static_cast<size_t>(page.columns() - detail_column - time_width);
    const auto details = wrap(step.detail, room, 2);
    for (size_t i = 0; i < details.size(); ++i) {
        page.text(detail_column, line + static_cast<int>(i), details[i],
                  waits ? muted_colour : text_colour);
    }
    return line + 2;
}

Colour colour_of(Notice::Kind kind) {
    switch (kind) {
        case Notice::Kind::wait:
            return wait_colour;
        case Notice::Kind::failure:
            return failure_colour;
        case Notice::Kind::work:
            break;
    }
    return accent_colour;
}

std::string how_it_goes_on(const Notice& notice, Moment now) {
    if (notice.kind == Notice::Kind::wait) return "waiting for " + duration(now - notice.since);
    if (notice.kind == Notice::Kind::work) return "at it for " + duration(now - notice.since);
    const std::string attempt = "attempt " + std::to_string(notice.attempt);
    if (!notice.next_attempt || *notice.next_attempt <= now) return "trying again, " + attempt;
    const auto seconds = (*notice.next_attempt - now + 999ms) / 1s;
    return attempt + ", the next one in " + std::to_string(seconds) + " s";
}

std::string closing_words(const Notice& notice, Moment now) {
    const std::string words = how_it_goes_on(notice, now);
    return notice.help.empty() ? words : words + "; " + notice.help;
}

void put_notice(const Notice& notice, int line, Moment now, Page& page) {
    const Colour colour = colour_of(notice.kind);
    const Rect place = page.cells(0, line, page.columns(), notice_lines);
    page.panel(place, panel_colour);
    Rect bar = place;
    bar.width = std::max(page.cells(0, 0, 1, 1).width / 3, 2);
    page.panel(bar, colour);

    const bool has_code = !notice.link.empty() && page.code(line, notice.link);
    const auto room = static_cast<size_t>(page.columns() - 4 - (has_code ? code_columns : 0));
    const int last = line + notice_lines - 2;
    page.text(2, line + 1, shortened(notice.title, room), colour);
    int next = line + 3;
    for (std::string& text : wrap(notice.text, room, most_text_lines))
        page.text(2, next++, std::move(text), text_colour);
    ++next;
    const auto closing = wrap(closing_words(notice, now), room, most_closing_lines);
    const int closing_at = last + 1 - static_cast<int>(closing.size());
    for (std::string& text : wrap(notice.hint, room, static_cast<size_t>(closing_at - 1 - next)))
        page.text(2, next++, std::move(text), muted_colour);
    for (size_t i = 0; i < closing.size(); ++i)
        page.text(2, closing_at + static_cast<int>(i), closing[i], muted_colour);
}

void draw_mark(const Item& item, Canvas& canvas) {
    const auto size = static_cast<float>(item.place.height);
    const Point middle{static_cast<float>(item.place.x) + size / 2,
                       static_cast<float>(item.place.y) + size / 2};
    const auto at = [&](float x, float y) {
        return Point{middle.x + x * size, middle.y + y * size};
    };
    const float thickness = size / 8;
    switch (item.mark) {
        case Step::State::waiting:
            canvas.disc(middle, size * 0.12f, muted_colour);
            break;
        case Step::State::running:
            canvas.disc(middle, size * 0.40f, accent_colour);
            canvas.disc(middle, size * 0.27f, background_colour);
            break;
        case Step::State::done:
            canvas.disc(middle, size * 0.46f, done_colour);
            canvas.line(at(-0.20f, 0.02f), at(-0.06f, 0.16f), thickness, background_colour);
            canvas.line(at(-0.06f, 0.16f), at(0.21f, -0.14f), thickness, background_colour);
            break;
        case Step::State::failed:
            canvas.disc(middle, size * 0.46f, failure_colour);
            canvas.line(at(-0.15f, -0.15f), at(0.15f, 0.15f), thickness, background_colour);
            canvas.line(at(-0.15f, 0.15f), at(0.15f, -0.15f), thickness, background_colour);
            break;
    }
}

void draw_code(const Item& item, Canvas& canvas) {
    canvas.fill(item.place, 0xffffff);
    const int module = item.place.width / (item.code->size() + 8);
    for (int y = 0; y < item.code->size(); ++y) {
        for (int x = 0; x < item.code->size(); ++x) {
            if (!item.code->dark(x, y)) continue;
            canvas.fill(
                {item.place.x + (x + 4) * module, item.place.y + (y + 4) * module, module, module},
                0x000000);
        }
    }
}

}  // namespace

Grid grid_for(int width, int height) {
    Grid grid{&small_font, 1, 0, 0, 0, 0};
    const auto fits = [&](const Font& font, int scale) {
        return width >= least_columns * font.width * scale &&
               height >= line_count * font.height * scale;
    };
    for (int scale = 1; scale <= 8; ++scale) {
        for (const Font* font : {&small_font, &medium_font, &large_font}) {
            const bool larger = font->width * scale > grid.cell_width();
            if (larger && fits(*font, scale)) grid = {font, scale, 0, 0, 0, 0};
        }
    }
    grid.columns = std::min(width / grid.cell_width(), most_columns);
    grid.lines = line_count;
    grid.left = std::max((width - grid.columns * grid.cell_width()) / 2, 0);
    grid.top = std::max((height - grid.lines * grid.cell_height()) / 2, 0);
    return grid;
}

std::vector<std::string> wrap(std::string_view text, size_t columns, size_t most_lines) {
    std::vector<std::string> lines;
    const std::string ascii = plain(text);
    std::string_view rest = ascii;
    while (!rest.empty() && lines.size() < most_lines) {
        if (rest.size() <= columns) {
            lines.emplace_back(rest);
            break;
        }
        if (lines.size() + 1 == most_lines) {
            lines.push_back(std::string(rest.substr(0, columns - 3)) + "...");
            break;
        }
        size_t end = rest.rfind(' ', columns);
        if (end == rest.npos || end == 0) end = columns;
        lines.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(rest.find_first_not_of(' ', end), rest.size()));
    }
    return lines;
}

std::vector<Item> lay_out(const View& view, int width, int height, Moment now) {
    Page page(grid_for(width, height));
    put_header(view, page);
    int line = first_step_line;
    for (const Step& step : view.steps)
        line = put_step(step, line, now, page);
    if (view.notice) put_notice(*view.notice, line_count - notice_lines - 1, now, page);
    return page.take();
}

Canvas draw(const View& view, int width, int height, Moment now) {
    Canvas canvas(width, height, background_colour);
    for (const Item& item : lay_out(view, width, height, now)) {
        switch (item.kind) {
            case Item::Kind::panel:
                canvas.fill(item.place, item.colour);
                break;
            case Item::Kind::text:
                canvas.text(item.place.x, item.place.y, item.text, *item.font, item.scale,
                            item.colour);
                break;
            case Item::Kind::mark:
                draw_mark(item, canvas);
                break;
            case Item::Kind::code:
                draw_code(item, canvas);
                break;
        }
    }
    return canvas;
}

}  // namespace bootwire::screen
