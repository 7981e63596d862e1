#include "eeprom/config.h"

#include <algorithm>
#include <functional>

#include "base/ascii.h"
#include "base/text.h"
#include "eeprom/boot_order.h"

namespace bootwire::eeprom {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::string_view of_config_txt = "[config.txt]";
/// Keys of which each line is one more order, and no new value.
constexpr std::string_view repeatable = "gpio";

struct Line {
    enum class What { blank, comment, filter, setting, other };
    size_t begin = 0;  ///< in the text
    size_t end = 0;    ///< with its line end
    What what = What::blank;
    Applies applies{};  ///< of a filter: what comes after it
    std::string_view key;
    std::string_view value;
};

void read_setting(std::string_view content, Line& line) {
    const size_t equals = content.find('=');
    line.what = equals == content.npos ? Line::What::other : Line::What::setting;
    if (equals == content.npos) return;
    line.key = trim(content.substr(0, equals));
    line.value = trim(content.substr(equals + 1));
    // Where there is none: the place of one.
    if (line.value.empty()) line.value = content.substr(equals + 1, 0);
}

/// The lines before [config.txt].
std::vector<Line> lines_of(std::string_view text, const Board& board) {
    std::vector<Line> lines;
    Filters filters(board);
    size_t begin = text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
    while (begin < text.size()) {
        Line line;
        line.begin = begin;
        line.end = std::min(text.find('\n', begin), text.size() - 1) + 1;
        begin = line.end;
        const std::string_view content = trim(text.substr(line.begin, line.end - line.begin));
        if (content.starts_with('[')) {
            if (lower(content).starts_with(of_config_txt)) break;
            filters.take(content.substr(1, content.find(']') - 1));
            line.what = Line::What::filter;
        } else if (content.starts_with('#')) {
            line.what = Line::What::comment;
        } else if (!content.empty()) {
            read_setting(content, line);
        }
        line.applies = filters.now();
        lines.push_back(line);
    }
    return lines;
}

/// The lines of a key of which one has the last word, as the filters turn out.
struct LastWords {
    std::vector<const Line*> lines;  ///< in their order
    bool maybe_none = true;          ///< perhaps there is no line that counts
};

LastWords last_words(const std::vector<Line>& lines, std::string_view key) {
    LastWords found;
    for (auto line = lines.rbegin(); line != lines.rend() && found.maybe_none; ++line) {
        if (line->what != Line::What::setting || line->key != key) continue;
        if (line->applies == Applies::no) continue;
        found.lines.push_back(&*line);
        if (line->applies == Applies::yes) found.maybe_none = false;
    }
    std::ranges::reverse(found.lines);
    return found;
}

/// Where a line can be added that counts whatever the filters say, and comes before all of `limit`:
/// behind the last setting or filter of such a place, or else behind the comments at the top.
size_t place_for_a_line(std::string_view text, const std::vector<Line>& lines, size_t limit) {
    std::optional<size_t> place;
    std::optional<size_t> behind_comments;
    bool at_the_top = true;
    for (const Line& line : lines) {
        if (line.end > limit) break;
        if (line.what == Line::What::comment) {
            if (at_the_top) behind_comments = line.end;
            continue;
        }
        if (line.what == Line::What::blank) continue;
        at_the_top = false;
        if (line.applies == Applies::yes) place = line.end;
    }
    const size_t top = text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
    return place.value_or(behind_comments.value_or(top));
}

void insert_line(std::string& text, size_t place, std::string_view line) {
    const size_t first_end = text.find('\n');
    const bool carriage_returns =
        first_end != text.npos && first_end > 0 && text[first_end - 1] == '\r';
    const std::string line_end = carriage_returns ? "\r\n" : "\n";
    const bool line_is_open =
        place > 0 && text[place - 1] != '\n' && !(place == 3 && text.starts_with(byte_order_mark));
    text.insert(place, (line_is_open ? line_end : std::string()) + std::string(line) + line_end);
}

/// What a value becomes; nothing stands for a key without a line.
using Change = std::function<Result<std::string>(std::optional<std::string_view> old)>;

Result<std::string> change(std::string_view text, std::string_view key, const Board& board,
                           const Change& change_value) {
    if (text.size() > largest_text) {
        return fail("the configuration has " + std::to_string(text.size()) + " bytes",
                    "no image has room for as much: is it another file?");
    }
    if (text.find('\0') != text.npos) {
        return fail("the configuration has a NUL byte", "is it a text file, in UTF-8 or ASCII?");
    }
    const auto lines = lines_of(text, board);
    const LastWords found = last_words(lines, key);
    std::string changed(text);
    // From the end on, so that places before stay what they are.
    for (auto line = found.lines.rbegin(); line != found.lines.rend(); ++line) {
        auto value = change_value((*line)->value);
        if (!value) return value;
        // The blanks that some write around "=" go: no bootloader is known to take them.
        const auto from = static_cast<size_t>((*line)->key.data() - text.data());
        const auto to = static_cast<size_t>((*line)->value.end() - text.begin());
        changed.replace(from, to - from, std::string(key) + "=" + *value);
    }
    if (!found.maybe_none) return changed;
    auto value = change_value(std::nullopt);
    if (!value) return value;
    const size_t limit = found.lines.empty() ? text.npos : found.lines.front()->begin;
    insert_line(changed, place_for_a_line(text, lines, limit), std::string(key) + "=" + *value);
    return changed;
}

}  // namespace

std::vector<Setting> settings(std::string_view text, const Board& board) {
    std::vector<Setting> found;
    size_t number = 0;
    for (const Line& line : lines_of(text, board)) {
        ++number;
        if (line.what != Line::What::setting) continue;
        found.push_back({line.key, line.value, line.applies, number});
    }
    return found;
}

std::optional<Value> value_of(std::string_view text, std::string_view key, const Board& board) {
    const auto lines = lines_of(text, board);
    const LastWords found = last_words(lines, key);
    if (found.lines.empty()) return std::nullopt;
    Value value{found.lines.front()->value, !found.maybe_none};
    for (const Line* line : found.lines)
        value.certain = value.certain && line->value == value.text;
    return value;
}

bool may_be_on(std::string_view text, std::string_view key, const Board& board) {
    const auto lines = lines_of(text, board);
    return std::ranges::any_of(last_words(lines, key).lines,
                               [](const Line* line) { return line->value != "0"; });
}

Result<std::string> set(std::string_view text, std::string_view key, std::string_view value,
                        const Board& board) {
    const auto of_a_key = [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; };
    if (key.empty() || !std::ranges::all_of(key, of_a_key)) {
        return fail("\"" + printable(key, 60) + "\" is no setting of the bootloader",
                    "a name is made of letters, digits and _, like BOOT_ORDER");
    }
    if (key == repeatable) {
        return fail("gpio= may stand in a configuration several times",
                    "change the text by hand, and give it as a whole");
    }
    if (value != trim(value) || !std::ranges::all_of(value, is_graphic_or_blank)) {
        return fail("the value of " + std::string(key) + " can't stand in a configuration",
                    "a value is one line of ASCII, without blanks around it");
    }
    return change(text, key, board, [&](std::optional<std::string_view>) -> Result<std::string> {
        return std::string(value);
    });
}

Result<std::string> add_network(std::string_view text, const Board& board) {
    return change(text, boot_order_key, board,
                  [](std::optional<std::string_view> old) -> Result<std::string> {
                      return order_with_network(old.value_or(std::string_view{}));
                  });
}

bool is_too_short_to_last(std::string_view text) {
    return std::ranges::count(text, '\n') < 3;
}

}  // namespace bootwire::eeprom
