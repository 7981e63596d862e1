#include "plan/command_line.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"

namespace bootwire::plan {

namespace {

/// One word, quotes and all, as next_arg() of lib/cmdline.c takes it apart.
Word take_apart(std::string_view spelling) {
    Word word;
    std::string_view rest = spelling;
    const bool quoted = rest.starts_with('"');
    if (quoted) rest.remove_prefix(1);
    // The kernel doesn't see an '=' in the first place.
    const size_t equals = rest.find('=', 1);
    if (equals == rest.npos) {
        if (quoted && rest.ends_with('"')) rest.remove_suffix(1);
        word.name = rest;
        word.spelling = spelling;
        return word;
    }
    std::string_view value = rest.substr(equals + 1);
    bool open = quoted;
    if (value.starts_with('"')) {
        value.remove_prefix(1);
        open = true;
    }
    if (open && value.ends_with('"')) value.remove_suffix(1);
    word.name = rest.substr(0, equals);
    word.value = value;
    if (!is_secret_parameter(word.name)) word.spelling = spelling;
    return word;
}

/// Takes the next word off the text, with its quotes; nothing at its end. An open quote goes on to
/// the end.
std::optional<std::string_view> next_word(std::string_view& text) {
    while (!text.empty() && is_kernel_space(text.front()))
        text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    size_t end = 0;
    bool in_quotes = false;
    while (end < text.size() && (in_quotes || !is_kernel_space(text[end])))
        in_quotes ^= text[end++] == '"';
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

char normal(char c) {
    return c == '-' ? '_' : c;
}

/// Those of a line whose values our kernel has blanked; each is there for one secret.
class BlankedWords {
  public:
    explicit BlankedWords(const std::vector<Word>& words) {
        for (size_t i = 0; i < words.size(); ++i) {
            if (words[i].value == hidden_secret)
                blanked_.push_back({.index = i, .name = words[i].name});
        }
    }

    /// Where the next one of that name is, if there is one.
    std::optional<size_t> next(std::string_view name) {
        const auto found = std::ranges::find_if(
            blanked_, [&](const Place& place) { return same_parameter(place.name, name); });
        if (found == blanked_.end()) return std::nullopt;
        const size_t index = found->index;
        blanked_.erase(found);
        return index;
    }

  private:
    struct Place {
        size_t index;
        std::string name;
    };
    std::vector<Place> blanked_;
};

}  // namespace

bool is_kernel_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || static_cast<unsigned char>(c) == 0xa0;
}

bool same_parameter(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, normal, normal);
}

bool is_secret_parameter(std::string_view name) {
    for (const std::string_view end : {".password", ".psk", ".secret"}) {
        if (name.ends_with(end)) return true;
    }
    const std::string small = lower(name);
    for (const std::string_view ours : {"iscsi.", "bootwire.", "wifi."}) {
        if (!small.starts_with(ours)) continue;
        for (const std::string_view word : {"pass", "pasw", "pwd", "secret", "psk"}) {
            if (small.find(word, ours.size()) != small.npos) return true;
        }
    }
    return false;
}

std::string spell_out(std::string_view name, std::string_view value) {
    const std::string_view quote = std::ranges::any_of(value, is_kernel_space) ? "\"" : "";
    return std::string(name).append("=").append(quote).append(value).append(quote);
}

std::string without_words(std::string_view text, const CommandLine& names) {
    std::string left;
    bool found = false;
    bool of_init = false;
    std::string_view rest = text;
    while (const auto spelling = next_word(rest)) {
        of_init = of_init || *spelling == "--";
        if (!of_init && names.has(take_apart(*spelling).name)) {
            found = true;
        } else {
            left.append(left.empty() ? "" : " ").append(*spelling);
        }
    }
    return found ? left : std::string(text);
}

CommandLine CommandLine::parse(std::string_view text, unsigned number) {
    CommandLine line;
    text = text.substr(0, text.find('\0'));
    if (text.size() > max_length) {
        text = text.substr(0, max_length);
        line.cut_ = true;
    }
    std::vector<Word>* words = &line.words_;
    while (const auto spelling = next_word(text)) {
        if (line.words_.size() + line.init_arguments_.size() == max_words) {
            line.cut_ = true;
            return line;
        }
        Word word = take_apart(*spelling);
        word.line = number;
        if (words == &line.words_ && word.name == "--" && !word.value) {
            words = &line.init_arguments_;
        } else {
            words->push_back(std::move(word));
        }
    }
    return line;
}

void CommandLine::add_secrets(std::string_view lines) {
    BlankedWords blanked(words_), of_init(init_arguments_);
    for (const std::string_view raw : split(lines, '\n')) {
        const size_t equals = raw.find('=', 1);
        if (equals == raw.npos || !is_secret_parameter(raw.substr(0, equals))) continue;
        // The kernel has taken the quotes off: what is left of them belongs to the value.
        Word word{.name = std::string(raw.substr(0, equals)),
                  .value = std::string(raw.substr(equals + 1)),
                  .spelling = {}};
        if (const auto place = blanked.next(word.name)) {
            words_[*place] = std::move(word);
        } else if (!of_init.next(word.name) && words_.size() < max_words) {
            words_.push_back(std::move(word));
        }
    }
}

void CommandLine::take_over(const CommandLine& stronger) {
    std::erase_if(words_, [&](const Word& word) { return stronger.has(word.name); });
    append(stronger);
}

void CommandLine::append(const CommandLine& more) {
    for (const Word& word : more.words_)
        add(word);
    cut_ |= more.cut_;
}

void CommandLine::add(const Word& word) {
    if (words_.size() + init_arguments_.size() >= max_words) {
        cut_ = true;
    } else {
        words_.push_back(word);
    }
}

void CommandLine::prepend(const CommandLine& words) {
    for (size_t i = words.words_.size(); i-- > 0;) {
        const Word& word = words.words_[i];
        if (std::ranges::find(words_, word) != words_.end()) continue;
        if (words_.size() + init_arguments_.size() >= max_words) {
            cut_ = true;
            return;
        }
        words_.insert(words_.begin(), word);
    }
    cut_ |= words.cut_;
}

void CommandLine::reveal(std::string_view hidden, const CommandLine& known) {
    for (Word& word : words_) {
        if (!is_secret_parameter(word.name) || word.value != hidden) continue;
        if (const auto value = known.value(word.name)) word.value = *value;
    }
}

void CommandLine::set(std::string_view name, std::string_view value) {
    remove(name);
    if (words_.size() + init_arguments_.size() >= max_words) return;
    Word word{.name = std::string(name), .value = std::string(value), .spelling = {}};
    if (!is_secret_parameter(name)) {
        word.spelling = spell_out(name, value);
    }
    words_.push_back(std::move(word));
}

void CommandLine::remove(std::string_view name) {
    std::erase_if(words_, [&](const Word& word) { return same_parameter(word.name, name); });
}

bool CommandLine::has(std::string_view name) const {
    return std::ranges::any_of(words_,
                               [&](const Word& word) { return same_parameter(word.name, name); });
}

std::optional<std::string_view> CommandLine::value(std::string_view name) const {
    std::optional<std::string_view> found;
    for (const Word& word : words_) {
        if (word.value && same_parameter(word.name, name)) found = *word.value;
    }
    return found;
}

}  // namespace bootwire::plan
