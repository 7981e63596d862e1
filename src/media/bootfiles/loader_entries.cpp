#include "bootfiles/loader_entries.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/ascii.h"
#include "base/text.h"
#include "bootfiles/keyword_lines.h"

namespace bootwire::bootfiles {

namespace {

constexpr std::array places{"loader", "boot/loader"};
constexpr size_t longest_pattern = 255;
constexpr size_t most_entries = 128;
constexpr size_t most_lines = 256;
constexpr size_t longest_version = 256;

struct Entry {
    std::string place;  // one of those
    std::string file;   // without ".conf" and boot counting
    std::string sort_key, machine_id, version, architecture;
    std::string kernel, tree, options;
    std::vector<std::string> initrds, overlays;
    bool efi_only = false;
    bool tries_used_up = false;
    bool preferred = false;  // by loader.conf
};

bool is_part_of_version(char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.' || c == '~' || c == '^';
}

std::string_view take_while(std::string_view& text, bool (*holds)(char)) {
    size_t length = 0;
    while (length < text.size() && holds(text[length]))
        ++length;
    const std::string_view taken = text.substr(0, length);
    text.remove_prefix(length);
    return taken;
}

/// Digits as a number of any length.
std::strong_ordering compare_numbers(std::string_view a, std::string_view b) {
    while (a.starts_with('0'))
        a.remove_prefix(1);
    while (b.starts_with('0'))
        b.remove_prefix(1);
    if (a.size() != b.size()) return a.size() <=> b.size();
    return a.compare(b) <=> 0;
}

/// A separator that stands at one of the two: whoever has it comes first, or second.
std::optional<std::strong_ordering> compare_mark(std::string_view& a, std::string_view& b,
                                                 char mark, std::strong_ordering with_mark) {
    const bool in_a = a.starts_with(mark), in_b = b.starts_with(mark);
    if (in_a && in_b) {
        a.remove_prefix(1);
        b.remove_prefix(1);
        return std::nullopt;
    }
    if (in_a) return with_mark;
    if (in_b) return 0 <=> with_mark;
    return std::nullopt;
}

/// Without what GRUB would have put in: "$tuned_params".
std::string without_variables(std::string_view options) {
    if (!options.contains('$')) return std::string(options);
    std::vector<std::string> words;
    for (const std::string_view word : split_words(options)) {
        if (!word.starts_with('$')) words.emplace_back(word);
    }
    return join(words, " ");
}

void take_line(std::string_view key, std::string_view value, Entry& entry) {
    if (key == "sort-key") entry.sort_key = value;
    if (key == "machine-id") entry.machine_id = value;
    if (key == "version") entry.version = value;
    if (key == "architecture") entry.architecture = value;
    if (key == "linux") entry.kernel = value;
    if (key == "initrd") entry.initrds.emplace_back(value);
    if (key == "devicetree") entry.tree = value;
    if (key == "efi" || key == "uki" || key == "uki-url") entry.efi_only = true;
    if (key == "options") {
        if (!entry.options.empty()) entry.options += ' ';
        entry.options += without_variables(value);
    }
    if (key == "devicetree-overlay") {
        for (const std::string_view overlay : split_words(value))
            entry.overlays.emplace_back(overlay);
    }
}

/// NAME+LEFT-DONE.conf: boot counting; no tries left means bad.
void take_name(std::string_view name, Entry& entry) {
    name.remove_suffix(5);
    const size_t plus = name.rfind('+');
    if (plus != name.npos && plus > 0) {
        const std::string_view counts = name.substr(plus + 1);
        const auto left = parse_number<unsigned>(counts.substr(0, counts.find('-')));
        if (left) {
            entry.tries_used_up = *left == 0;
            name = name.substr(0, plus);
        }
    }
    entry.file = name;
}

Entry parse(std::string_view name, std::string_view text) {
    Entry entry;
    take_name(name, entry);
    for (const auto& [keyword, value] : keyword_lines(text, most_lines)) {
        if (!value.empty()) take_line(keyword, value, entry);
    }
    return entry;
}

/// Does a come before b in the menu?
bool before(const Entry& a, const Entry& b) {
    if (a.preferred != b.preferred) return a.preferred;
    if (a.tries_used_up != b.tries_used_up) return b.tries_used_up;
    if (a.sort_key.empty() != b.sort_key.empty()) return b.sort_key.empty();
    if (!a.sort_key.empty()) {
        if (a.sort_key != b.sort_key) return a.sort_key < b.sort_key;
        if (a.machine_id != b.machine_id) return a.machine_id < b.machine_id;
        const auto order = compare_versions(a.version, b.version);
        if (order != 0) return order > 0;
    }
    return compare_versions(a.file, b.file) > 0;
}

/// Which entries loader.conf prefers: shell wildcards, empty for none. What begins with '@' stands
/// for an EFI variable, which a Pi has not.
std::string default_pattern(const Folder& folder, const std::string& place) {
    std::string pattern;
    const auto text = folder.read(place + "/loader.conf", largest_text);
    if (!text) return pattern;
    for (const auto& [keyword, value] : keyword_lines(*text, most_lines)) {
        if (keyword != "default" || value.empty() || value.size() > longest_pattern) continue;
        if (!value.starts_with('@')) pattern = lower(value);
    }
    return pattern;
}

/// By its file's name with ".conf", as systemd-boot has it now, or without, as it had before.
bool is_meant(const Entry& entry, const std::string& pattern) {
    const std::string name = lower(entry.file);
    return fnmatch(pattern.c_str(), (name + ".conf").c_str(), 0) == 0 ||
           fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

bool is_for_us(const Entry& entry) {
    const bool other =
        !entry.architecture.empty() && entry.architecture != "aa64" && entry.architecture != "AA64";
    return !entry.kernel.empty() && !entry.efi_only && !other;
}

std::string source_of(const Entry& entry) {
    return entry.place + "/entries/" + printable(entry.file, 120) + ".conf";
}

Result<BootFiles> files_of(const Entry& entry, const Folder& folder) {
    const std::string file = source_of(entry);
    BootFiles files;
    files.source = file;
    files.command_line = entry.options;
    files.command_line_place = files.source;
    files.kernel = clean_path(entry.kernel);
    files.device_tree = clean_path(entry.tree);
    for (const std::string& name : entry.initrds)
        files.initramfs.push_back(clean_path(name));
    for (const std::string& name : entry.overlays)
        files.tree_changes.push_back({clean_path(name), {}});

    std::vector<std::string> needed = files.initramfs;
    needed.push_back(files.kernel);
    if (!entry.tree.empty()) needed.push_back(files.device_tree);
    for (const TreeChange& change : files.tree_changes)
        needed.push_back(change.overlay);
    for (const std::string& path : needed) {
        if (path.empty() || !folder.exists(path)) {
            return fail(
                file + " names " + printable(path, 120) + ", which is not on the boot partition",
                "put it there, or correct " + file);
        }
    }
    return files;
}

struct Menu {
    std::string place;
    std::string pattern;  // of what is preferred
    std::vector<Entry> entries;
    bool has_files = false;
};

Menu read_menu(const Folder& folder) {
    Menu menu;
    for (const std::string place : places) {
        size_t looked_at = 0;
        menu = {place, default_pattern(folder, place), {}, false};
        for (const std::string& name : folder.list(place + "/entries")) {
            if (!name.ends_with(".conf") || name.size() > 255 || ++looked_at > most_entries)
                continue;
            menu.has_files = true;
            const auto text = folder.read(place + "/entries/" + name, largest_text);
            if (!text) continue;
            Entry entry = parse(name, *text);
            entry.place = place;
            entry.preferred = is_meant(entry, menu.pattern);
            if (is_for_us(entry)) menu.entries.push_back(std::move(entry));
        }
        if (menu.has_files) break;
    }
    std::ranges::sort(menu.entries, before);
    return menu;
}

}  // namespace

std::strong_ordering compare_versions(std::string_view a, std::string_view b) {
    a = a.substr(0, longest_version);
    b = b.substr(0, longest_version);
    constexpr auto less = std::strong_ordering::less, greater = std::strong_ordering::greater;
    for (;;) {
        while (!a.empty() && !is_part_of_version(a.front()))
            a.remove_prefix(1);
        while (!b.empty() && !is_part_of_version(b.front()))
            b.remove_prefix(1);
        if (const auto order = compare_mark(a, b, '~', less)) return *order;
        if (a.empty() || b.empty()) return a.size() <=> b.size();
        for (const char mark : {'-', '^', '.'}) {
            if (const auto order = compare_mark(a, b, mark, less)) return *order;
        }
        if ((!a.empty() && is_digit(a.front())) || (!b.empty() && is_digit(b.front()))) {
            const auto number_a = take_while(a, is_digit), number_b = take_while(b, is_digit);
            if (number_a.empty() != number_b.empty()) return number_a.empty() ? less : greater;
            const auto order = compare_numbers(number_a, number_b);
            if (order != 0) return order;
        } else {
            const auto letters_a = take_while(a, is_letter), letters_b = take_while(b, is_letter);
            const auto order = letters_a.compare(letters_b) <=> 0;
            if (order != 0) return order;
        }
    }
}

Result<BootFiles> read_loader_entries(const Folder& folder) {
    const Menu menu = read_menu(folder);
    Result<BootFiles> files = BootFiles{};
    for (const Entry& entry : menu.entries) {
        files = files_of(entry, folder);
        if (!files) continue;
        if (!menu.pattern.empty() && !entry.preferred) {
            files->notes.push_back(menu.place +
                                   "/loader.conf: no entry that can be started is called " +
                                   printable(menu.pattern, 80));
        }
        return files;
    }
    if (menu.has_files && menu.entries.empty()) {
        return fail("no file in " + menu.place + "/entries names a kernel for 64-bit ARM",
                    "an entry needs a line \"linux PATH\"");
    }
    return files;
}

std::optional<DiskWords> loader_entry_words(const Folder& folder) {
    const Menu menu = read_menu(folder);
    if (menu.entries.empty()) return std::nullopt;
    const Entry& first = menu.entries.front();
    return DiskWords{first.options, source_of(first), {}};
}

}  // namespace bootwire::bootfiles
