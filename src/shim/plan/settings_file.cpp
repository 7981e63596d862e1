#include "plan/settings_file.h"

#include <algorithm>

#include "base/text.h"
#include "plan/keys.h"

namespace bootwire::plan {

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
    const bool quotes = word.value->find_first_of(" \t") != std::string::npos;
    return word.name + (quotes ? "=\"" + *word.value + "\"" : "=" + *word.value);
}

}  // namespace

CommandLine read_settings_file(std::string_view text, const CommandLine& before) {
    const std::string plain = from_any_encoding(text);
    CommandLine settings;
    for (std::string_view line : split(plain, '\n')) {
        line = trim(line);
        if (!is_comment(line)) settings.append(CommandLine::parse(line));
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

std::string with_settings(std::string_view cmdline_txt, const CommandLine& settings) {
    std::string_view first = cmdline_txt.substr(0, cmdline_txt.find_first_of("\r\n"));
    CommandLine line = CommandLine::parse(first);
    line.take_over(known_settings(settings));
    std::string text;
    for (const Word& word : line.words())
        text += (text.empty() ? "" : " ") + spell(word);
    for (const Word& word : line.init_arguments())
        text += (&word == line.init_arguments().data() ? " -- " : " ") + spell(word);
    return text + "\n";
}

}  // namespace bootwire::plan
