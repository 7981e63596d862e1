#include "handoff/interfaces_file.h"

#include <fnmatch.h>

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace bootwire::handoff {

namespace {

bool starts_stanza(std::string_view keyword) {
    static constexpr std::string_view keywords[] = {
        "iface",      "mapping",      "auto",   "source",   "source-directory",
        "no-scripts", "no-auto-down", "rename", "template",
    };
    return keyword.starts_with("allow-") ||
           std::ranges::find(keywords, keyword) != std::end(keywords);
}

/// Lines whose words choose interfaces that something is then done with.
bool is_list(std::string_view keyword) {
    return keyword == "auto" || keyword.starts_with("allow-") || keyword == "rename" ||
           keyword == "mapping";
}

/// Options that make interfaces parts of another (bridge-utils-interfaces(5), ifenslave,
/// ifupdown2): one that is a part has no address any more.
bool is_port_list(std::string_view option) {
    static constexpr std::string_view options[] = {"bridge_ports", "bridge-ports", "bond-slaves",
                                                   "bond_slaves", "slaves"};
    return std::ranges::find(options, option) != std::end(options);
}

/// As isspace(3) has it, which ifupdown takes words apart by.
bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    for (;;) {
        const auto first = std::ranges::find_if_not(line, is_space);
        if (first == line.end()) return words;
        const auto end = std::find_if(first, line.end(), is_space);
        words.emplace_back(first, end);
        line = {end, line.end()};
    }
}

bool is_comment(std::string_view line) {
    const auto first = std::ranges::find_if_not(line, is_space);
    return first != line.end() && *first == '#';
}

/// Logical lines of interfaces(5), as ifupdown reads them: what ends in a backslash goes on with
/// the next line, without anything between the two, but for a comment; a NUL ends a line. None ends
/// in a backslash.
std::vector<std::string> logical_lines(std::string_view text) {
    std::vector<std::string> lines;
    bool joining = false;
    for (std::string_view line : split(text, '\n')) {
        line = line.substr(0, line.find('\0'));
        if (!joining) {
            lines.emplace_back(line);
            if (is_comment(line)) continue;
        } else {
            lines.back() += line;
        }
        joining = lines.back().ends_with('\\');
        if (joining) lines.back().pop_back();
    }
    while (joining && lines.back().ends_with('\\'))
        lines.back().pop_back();
    return lines;
}

bool matches(const std::string& pattern, const std::string& text, int flags = 0) {
    return fnmatch(pattern.c_str(), text.c_str(), flags) == 0;
}

/// Patterns that together match what PREFIX* does, but for these names: fnmatch(3) has no "not".
void add_others(const std::string& prefix, const std::vector<std::string>& names,
                std::vector<std::string>& patterns) {
    bool is_name = false;
    std::string next;  // characters by which the prefix goes on to become one of the names
    for (const std::string& name : names) {
        if (name == prefix) is_name = true;
        if (name.size() <= prefix.size() || !name.starts_with(prefix)) continue;
        if (!next.contains(name[prefix.size()])) next += name[prefix.size()];
    }
    if (!is_name && !prefix.empty()) patterns.push_back(prefix);
    patterns.push_back(prefix + (next.empty() ? "?*" : "[!" + next + "]*"));
    for (const char c : next)
        add_others(prefix + c, names, patterns);
}

/// Patterns for what this one matches but the names; nothing if no pattern says that.
std::optional<std::vector<std::string>> others(const std::string& pattern,
                                               const std::vector<std::string>& names) {
    const bool concerns =
        std::ranges::any_of(names, [&](const std::string& name) { return matches(pattern, name); });
    std::vector<std::string> patterns;
    const size_t wild = pattern.find_first_of("*?[\\");
    if (!concerns) {
        patterns.push_back(pattern);
    } else if (wild == pattern.size() - 1 && pattern.ends_with('*')) {
        add_others(pattern.substr(0, wild), names, patterns);
    } else if (wild != pattern.npos) {
        return std::nullopt;
    }
    return patterns;
}

class Rewriter {
  public:
    explicit Rewriter(const BootInterface& interface) : interface_(interface) {}

    QuietInterfaces rewrite(std::string_view file) {
        result_.text = cover_note;
        for (const std::string& line : logical_lines(file)) {
            const auto words = words_of(line);
            const bool says_nothing = words.empty() || words[0].starts_with('#');
            if (!says_nothing && starts_stanza(words[0])) {
                stanza(line, words);
            } else if (!says_nothing && !dropping_options_ && is_port_list(words[0])) {
                ports(line, words);
            } else if (says_nothing || !dropping_options_) {
                keep(line);
            }
        }
        return std::move(result_);
    }

  private:
    bool is_ours(std::string_view name) const {
        return std::ranges::find(interface_.names, name) != interface_.names.end();
    }

    void keep(const std::string& line) {
        // A word may end in a backslash that is not the line's end, as long as it is not.
        const bool would_go_on = line.ends_with('\\') && !is_comment(line);
        result_.text += line + (would_go_on ? " \n" : "\n");
    }

    void change(const std::string& line) {
        result_.changed = true;
        keep(line);
    }

    void warn(const std::string& what) { result_.warnings.push_back(what); }

    void stanza(const std::string& line, const std::vector<std::string_view>& words) {
        dropping_options_ = false;
        if (is_list(words[0])) {
            list(line, words);
        } else if (words[0] == "iface" && words.size() > 1 && is_ours(words[1])) {
            dropping_options_ = true;
            const bool has_family = words.size() > 2 && words[2].starts_with("inet");
            change("iface " + std::string(words[1]) + " " +
                   std::string(has_family ? words[2] : "inet") + " manual");
        } else {
            keep(line);
        }
    }

    /// A mapping, which has options, goes with the last of its names.
    void list(const std::string& line, const std::vector<std::string_view>& words) {
        std::string kept;
        bool all_kept = true;
        for (size_t i = 1; i < words.size(); ++i) {
            const auto rest =
                words[0] == "mapping" ? without_ours_by_pattern(words[i]) : without_ours(words[i]);
            all_kept = all_kept && rest.size() == 1 && rest[0] == words[i];
            for (const std::string& word : rest)
                kept += " " + word;
        }
        if (all_kept) {
            keep(line);
        } else {
            result_.changed = true;
            if (!kept.empty()) keep(std::string(words[0]) + kept);
            dropping_options_ = kept.empty();
        }
    }

    std::vector<std::string> without_ours_by_pattern(std::string_view pattern) {
        if (const auto rest = others(std::string(pattern), interface_.names)) return *rest;
        return leave_out(pattern);
    }

    /// A word of a list: NAME or [VARIABLE]/VALUE[/[NUMBER]], and =LOGICAL behind it.
    std::vector<std::string> without_ours(std::string_view word) {
        const size_t end = std::min(word.find('='), word.size());
        const std::string logical(word.substr(end));
        const auto parts = split(word.substr(0, end), '/');
        if (parts.size() == 1 || word.starts_with("/dev/")) {  // interfaces(5): that is a name
            if (is_ours(word.substr(0, end))) return {};
            return {std::string(word)};
        }
        const std::string value(parts[1]);
        const bool numbered = parts.size() > 2 && !parts[2].empty();
        if (parts[0] == "mac") {
            if (!matches(value, interface_.mac.to_string(), FNM_CASEFOLD))
                return {std::string(word)};
        } else if (parts[0].empty()) {
            const auto rest = others(value, interface_.names);
            if (rest && *rest == std::vector{value}) return {std::string(word)};
            if (rest && !numbered) return as_patterns(*rest, logical);
        }
        return leave_out(word);
    }

    static std::vector<std::string> as_patterns(std::vector<std::string> values,
                                                const std::string& logical) {
        for (std::string& value : values)
            value = "/" + value + logical;
        return values;
    }

    std::vector<std::string> leave_out(std::string_view word) {
        warn("nothing is done for " + printable(word) + ": the boot interface is among what it " +
             "may match; name the others one by one");
        return {};
    }

    void ports(const std::string& line, const std::vector<std::string_view>& words) {
        std::string kept;
        bool concerns = words.size() > 1 && (words[1] == "all" || words[1] == "regex");
        for (size_t i = 1; i < words.size() && !concerns; ++i) {
            if (!is_ours(words[i])) kept.append(" ").append(words[i]);
        }
        concerns = concerns || std::any_of(words.begin() + 1, words.end(),
                                           [&](std::string_view word) { return is_ours(word); });
        if (!concerns) {
            keep(line);
            return;
        }
        warn(printable(words[0]) + " goes without " + interface_.names.front() +
             ": as a part of a bridge or bond it would lose the root disk");
        change("    " + std::string(words[0]) + (kept.empty() ? " none" : kept));
    }

    const BootInterface& interface_;
    QuietInterfaces result_;
    bool dropping_options_ = false;
};

}  // namespace

QuietInterfaces interfaces_without(std::string_view interfaces_file,
                                   const BootInterface& interface) {
    return Rewriter(interface).rewrite(interfaces_file);
}

}  // namespace bootwire::handoff
