#include "plan/settings_file.h"

#include <algorithm>

#include "base/text.h"
#include "plan/keys.h"

namespace bootwire::plan {

using namespace std::string_view_literals;

namespace {

constexpr std::string_view utf8_mark = "\xef\xbb\xbf";
constexpr std::string_view utf16_marks[] = {"\xff\xfe", "\xfe\xff"};

/// Settings are ASCII: in UTF-16, every other byte is zero.
std::string from_any_encoding(std::string_view text) {
    text = text.substr(0, 2 * CommandLine::max_length);
    if (text.starts_with(utf8_mark)) text.remove_prefix(utf8_mark.size());
    std::string plain;
    for (const std::string_view mark : utf16_marks) {
        if (!text.starts_with(mark)) continue;
        plain = text.substr(mark.size());
        std::erase(plain, '\0');
        return plain;
    }
    plain = text.substr(0, text.find('\0'));
    return plain;
}

bool is_comment(std::string_view line) {
    return line.starts_with('#') || line.starts_with(';');
}

/// As it would be typed.
std::string spell(const Word& word) {
    if (!word.spelling.empty()) return word.spelling;
    if (!word.value) return word.name;
    return spell_out(word.name, *word.value);
}

}  // namespace

CommandLine read_settings_file(std::string_view text, const CommandLine& before) {
    const std::string plain = from_any_encoding(text);
    CommandLine settings;
    unsigned number = 0;
    for (std::string_view line : split(plain, '\n')) {
        ++number;
        line = trim(line);
        if (!is_comment(line)) settings.append(CommandLine::parse(line, number));
    }
    settings.reveal(hidden_secret, before);
    return settings;
}

std::string write_settings_file(const CommandLine& settings) {
    std::string text;
    for (const Word& word : settings.words()) {
        const bool hidden = word.value && is_secret_parameter(word.name);
        text += hidden ? word.name + "=" + std::string(hidden_secret) : spell(word);
        text += "\r\n";
    }
    return text;
}

CommandLine known_settings(const CommandLine& words) {
    CommandLine known;
    for (const Word& word : words.words()) {
        if (find_key(word.name) != nullptr) known.add(word);
    }
    return known;
}

std::string with_settings(std::string_view file, const CommandLine& settings) {
    const CommandLine known = known_settings(settings);
    const std::string old = from_any_encoding(file);
    const bool of_a_pc = old.empty() || old.find("\r\n") != old.npos;
    const std::string_view line_end = of_a_pc ? "\r\n" : "\n";
    std::string text;
    for (std::string_view line : split(old, '\n')) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        const std::string left =
            is_comment(trim(line)) ? std::string(line) : without_words(line, known);
        if (left.empty() && !line.empty()) continue;
        text += left + std::string(line_end);
    }
    // What split() gives after the last line's end is no line.
    if (old.empty() || old.ends_with('\n')) text.resize(text.size() - line_end.size());
    for (const Word& word : known.words())
        text += spell(word) + std::string(line_end);
    return text;
}

std::string without_settings(std::string_view cmdline_txt, const CommandLine& settings) {
    const size_t end = std::min(cmdline_txt.find_first_of("\r\n\0"sv), cmdline_txt.size());
    return without_words(cmdline_txt.substr(0, end), known_settings(settings)) +
           std::string(cmdline_txt.substr(end));
}

}  // namespace bootwire::plan
