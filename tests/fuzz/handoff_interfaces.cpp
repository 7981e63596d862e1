// An interfaces(5) of any content: the cover gives nobody the boot interface, and all others are
// what they were. Both are read here as ifupdown reads them.
#include <fnmatch.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "handoff/interfaces_file.h"

using namespace bootwire;
using handoff::BootInterface;

namespace {

using Words = std::vector<std::string>;

const BootInterface plain{{"eth0"}, {{0xdc, 0xa6, 0x32, 1, 2, 3}}, {}, {}, ""};
const BootInterface vlan{{"eth0.5", "eth0"}, {{0xdc, 0xa6, 0x32, 1, 2, 3}}, {}, {}, ""};
constexpr const char* others[] = {"lo",     "e",       "eth",   "eth1",  "eth00",
                                  "eth0.7", "eth0.55", "eth10", "wlan0", "br0"};

struct Stanza {
    std::vector<Words> lines;  // its own and its options'
    bool operator==(const Stanza&) const = default;
};

struct Interfaces {
    std::vector<Words> lists;  // auto, allow-…, rename
    std::vector<Stanza> stanzas;
};

Words words_of(const std::string& line) {
    Words words;
    for (size_t at = 0; at < line.size();) {
        const auto is_space = [&] {
            return std::isspace(static_cast<unsigned char>(line[at])) != 0;
        };
        while (at < line.size() && is_space())
            ++at;
        const size_t begin = at;
        while (at < line.size() && !is_space())
            ++at;
        if (at > begin) words.push_back(line.substr(begin, at - begin));
    }
    return words;
}

/// Lines with words, of which comments are none.
std::vector<Words> lines_of(std::string_view text) {
    std::vector<Words> lines;
    for (size_t at = 0; at <= text.size();) {
        std::string line;
        bool goes_on = false, is_first = true;
        do {
            const size_t end = std::min(text.find('\n', at), text.size());
            const std::string part(text.substr(at, end - at));
            at = end + 1;
            line += part.c_str();  // up to a NUL
            const Words own = words_of(line);
            goes_on = line.ends_with('\\') && !(is_first && !own.empty() && own[0][0] == '#');
            if (goes_on) line.pop_back();
            is_first = false;
        } while (goes_on && at <= text.size());
        while (goes_on && line.ends_with('\\'))
            line.pop_back();
        const Words words = words_of(line);
        if (!words.empty() && words[0][0] != '#') lines.push_back(words);
    }
    return lines;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> list) {
    return std::ranges::find(list, word) != list.end();
}

Interfaces read(std::string_view text) {
    Interfaces read;
    Stanza* current = nullptr;
    for (const Words& words : lines_of(text)) {
        const std::string& keyword = words[0];
        if (keyword.starts_with("allow-") || is_one_of(keyword, {"auto", "rename"})) {
            read.lists.push_back(words);
            current = nullptr;
        } else if (is_one_of(keyword, {"iface", "mapping"})) {
            current = &read.stanzas.emplace_back();
            current->lines.push_back(words);
        } else if (is_one_of(keyword, {"source", "source-directory", "no-scripts", "no-auto-down",
                                       "template"})) {
            current = nullptr;
        } else if (current != nullptr) {
            current->lines.push_back(words);
        }
    }
    return read;
}

bool matches(const std::string& pattern, const std::string& name, int flags = 0) {
    return fnmatch(pattern.c_str(), name.c_str(), flags) == 0;
}

/// Whether a word of a list may mean the interface. mac: of the boot interface, or nothing.
bool may_mean(const std::string& word, const std::string& name, const MacAddress* mac) {
    const std::string what = word.substr(0, word.find('='));
    const size_t slash = what.find('/');
    if (slash == what.npos || word.starts_with("/dev/")) return what == name;
    std::string value = what.substr(slash + 1);
    value.resize(std::min(value.find('/'), value.size()));
    if (slash == 0) return matches(value, name);
    if (!what.starts_with("mac/")) return mac != nullptr;
    return mac != nullptr && matches(value, mac->to_string(), FNM_CASEFOLD);
}

bool is_chosen(const Interfaces& interfaces, const std::string& name, const MacAddress* mac) {
    return std::ranges::any_of(interfaces.lists, [&](const Words& words) {
        return std::any_of(words.begin() + 1, words.end(),
                           [&](const std::string& word) { return may_mean(word, name, mac); });
    });
}

bool is_port_list(const std::string& option) {
    return is_one_of(option,
                     {"bridge_ports", "bridge-ports", "bond-slaves", "bond_slaves", "slaves"});
}

bool is_ours(const std::string& word, const BootInterface& boot) {
    return std::ranges::find(boot.names, word) != boot.names.end();
}

/// Is it of the boot interface, or may it be?
bool concerns(const Stanza& stanza, const BootInterface& boot) {
    const Words& head = stanza.lines[0];
    if (head[0] == "iface") {
        if (head.size() > 1 && is_ours(head[1], boot)) return true;
        return std::any_of(stanza.lines.begin() + 1, stanza.lines.end(),
                           [](const Words& option) { return is_port_list(option[0]); });
    }
    return std::any_of(head.begin() + 1, head.end(), [&](const std::string& pattern) {
        return std::ranges::any_of(boot.names,
                                   [&](const std::string& name) { return matches(pattern, name); });
    });
}

void check_stanzas(const Interfaces& cover, const BootInterface& boot) {
    for (const Stanza& stanza : cover.stanzas) {
        const Words& head = stanza.lines[0];
        if (head[0] == "mapping" && concerns(stanza, boot)) std::abort();
        if (head[0] == "iface" && head.size() > 1 && is_ours(head[1], boot)) {
            if (head.size() != 4 || head[3] != "manual" || stanza.lines.size() > 1) std::abort();
        }
        for (const Words& option : stanza.lines) {
            if (head[0] != "iface" || !is_port_list(option[0])) continue;
            for (size_t i = 1; i < option.size(); ++i) {
                if (is_ours(option[i], boot)) std::abort();
            }
        }
    }
}

void check(std::string_view file, const BootInterface& boot) {
    const auto quiet = handoff::interfaces_without(file, boot);
    if (!quiet.text.starts_with(handoff::cover_note)) std::abort();
    const Interfaces before = read(file), cover = read(quiet.text);

    for (const std::string& name : boot.names) {
        if (is_chosen(cover, name, &boot.mac)) std::abort();
    }
    check_stanzas(cover, boot);
    for (const char* name : others) {
        const bool was = is_chosen(before, name, nullptr), is = is_chosen(cover, name, nullptr);
        if (is && !was) std::abort();
        if (was && !is && quiet.warnings.empty()) std::abort();
    }
    auto at = cover.stanzas.begin();
    for (const Stanza& stanza : before.stanzas) {
        if (concerns(stanza, boot)) continue;
        at = std::find(at, cover.stanzas.end(), stanza);
        if (at == cover.stanzas.end()) std::abort();
        ++at;
    }
    if (!quiet.changed && (cover.lists != before.lists || cover.stanzas != before.stanzas)) {
        std::abort();
    }
    // What is quiet stays as it is.
    const Interfaces again = read(handoff::interfaces_without(quiet.text, boot).text);
    if (again.lists != cover.lists || again.stanzas != cover.stanzas) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view file(reinterpret_cast<const char*>(data), size);
    check(file, plain);
    check(file, vlan);
    return 0;
}
