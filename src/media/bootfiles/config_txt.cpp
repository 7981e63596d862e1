#include "bootfiles/config_txt.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "base/text.h"
#include "bootfiles/board_type.h"

namespace bootwire::bootfiles {

namespace {

constexpr size_t longest_line = 98;  // what the firmware reads of a line
constexpr size_t most_lines = 4096;  // of all files together
constexpr size_t most_notes = 20;
constexpr int deepest_include = 4;
constexpr uint32_t no_number = 0xffffffff;

/// "0x1a", "26".
std::optional<uint32_t> parse_any_number(std::string_view text) {
    if (text.starts_with("0x")) return parse_number<uint32_t>(text.substr(2), 16);
    return parse_number<uint32_t>(text);
}

/// The lower 32 bits of a serial number; nothing if it is not hexadecimal.
std::optional<uint32_t> serial_number(std::string_view serial) {
    if (serial.size() > 8) serial = serial.substr(serial.size() - 8);
    return parse_number<uint32_t>(serial, 16);
}

/// Which sections apply: of each kind the last filter counts, and all kinds must hold.
class Filters {
  public:
    explicit Filters(const Board& board) : board_(board) {}

    bool apply() const {
        return std::ranges::all_of(holds_, [](bool holds) { return holds; });
    }
    /// Was there a section for the one boot that tries an update?
    bool has_tryboot() const { return has_tryboot_; }

    /// The text between the brackets. False if the filter is not known; what follows then does not
    /// apply.
    bool section(std::string_view text) {
        const std::string name = lower(trim(text));
        if (name == "all") {
            holds_.fill(true);
            return true;
        }
        const size_t equals = name.find('=');
        const uint32_t number =
            equals == name.npos
                ? no_number
                : parse_any_number(trim(name).substr(equals + 1)).value_or(no_number);
        if (name == "none") {
            holds_[none] = false;
        } else if (is_model_filter(name)) {
            holds_[model] = is_our_model(name);
        } else if (name.starts_with("board-type=")) {
            holds_[model] = board_.revision && ((*board_.revision >> 4) & 0xff) == number;
        } else if (name.starts_with("0x")) {
            const auto wanted = serial_number(name.substr(2));
            holds_[serial] = wanted && wanted == serial_number(board_.serial);
        } else if (name.starts_with("boot_partition=") || name.starts_with("partition=")) {
            holds_[partition] = number == board_.partition;
        } else if (name.starts_with("hdmi:")) {
            return true;  // says which display the hdmi_ settings are for
        } else {
            holds_[other] = false;  // gpio, EDID, …: nobody here can tell
            has_tryboot_ = has_tryboot_ || name == "tryboot";
            return name == "tryboot";
        }
        return true;
    }

  private:
    enum Kind { none, model, serial, partition, other, count };

    bool is_our_model(std::string_view name) const {
        const BoardType* type = board_type(board_.revision);
        if (type == nullptr) return false;
        const auto ours = split_words(type->filters);
        return std::ranges::find(ours, name) != ours.end();
    }

    const Board& board_;
    std::array<bool, count> holds_{true, true, true, true, true};
    bool has_tryboot_ = false;
};

class Parser {
  public:
    Parser(const Folder& folder, const Board& board) : folder_(folder), filters_(board) {}

    void read(std::string_view text, int depth) {
        text = text.substr(0, text.find('\0'));
        if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
        while (!text.empty()) {
            if (++lines_ > most_lines) return note("config.txt has too many lines");
            const size_t end = text.find('\n');
            read_line(trim(text.substr(0, end)), depth);
            text = end == text.npos ? std::string_view{} : text.substr(end + 1);
        }
    }

    ConfigTxt config;

  private:
    void note(const std::string& text) {
        if (config.notes.size() < most_notes) config.notes.push_back(text);
    }

    void read_line(std::string_view line, int depth) {
        if (line.empty() || line.front() == '#') return;
        if (line.size() > longest_line) {
            note("config.txt: the firmware reads only 98 characters of \"" + printable(line, 40) +
                 "\"");
            line = trim(line.substr(0, longest_line));
        }
        if (line.front() == '[') {
            const size_t end = line.find(']');
            const bool known = end != line.npos && filters_.section(line.substr(1, end - 1));
            config.has_tryboot = filters_.has_tryboot();
            if (!known) note("config.txt: the filter " + printable(line, 60) + " does not apply");
            return;
        }
        if (!filters_.apply()) return;
        const auto words = split_words(line);
        if (words.size() >= 2 && words[0] == "include") return include(words[1], depth);
        if (words.size() >= 2 && words[0] == "initramfs") return set_initramfs(words[1]);
        take_setting(line);
    }

    void include(std::string_view name, int depth) {
        const auto text = depth < deepest_include ? folder_.read(clean_path(name), largest_text)
                                                  : fail("too deep");
        if (!text) return note("config.txt: cannot include " + printable(name, 60));
        read(*text, depth + 1);
    }

    void set_initramfs(std::string_view names) {
        config.initramfs.clear();
        for (const std::string_view name : split(names, ',')) {
            if (!name.empty()) config.initramfs.emplace_back(name);
        }
    }

    void take_setting(std::string_view line) {
        const size_t equals = line.find('=');
        if (equals == line.npos) {
            return note("config.txt: \"" + printable(line, 60) + "\" is not a setting");
        }
        const std::string key(trim(line.substr(0, equals)));
        const std::string_view value = trim(line.substr(equals + 1));
        if (key == "dtoverlay" || key == "device_tree_overlay") return add_overlay(value);
        if (key == "dtparam" || key == "device_tree_param") return add_parameters(value);
        if (key == "ramfsfile") return set_initramfs(value);
        config.values.insert_or_assign(key, std::string(value));
    }

    /// "name,parameter=value,…"; of old also "name:…". An empty one ends the overlay before it.
    void add_overlay(std::string_view text) {
        const size_t end = text.find_first_of(",:");
        config.tree.push_back({std::string(trim(text.substr(0, end))), {}});
        if (end != text.npos) add_parameters(text.substr(end + 1));
    }

    void add_parameters(std::string_view text) {
        if (config.tree.empty()) config.tree.emplace_back();
        for (const std::string_view parameter : split(text, ',')) {
            if (trim(parameter).empty()) continue;
            config.tree.back().parameters.emplace_back(trim(parameter));
        }
    }

    const Folder& folder_;
    Filters filters_;
    size_t lines_ = 0;
};

}  // namespace

std::string ConfigTxt::value(std::string_view key, std::string_view fallback) const {
    const auto found = values.find(key);
    return found == values.end() ? std::string(fallback) : found->second;
}

bool ConfigTxt::flag(std::string_view key, bool fallback) const {
    const auto found = values.find(key);
    if (found == values.end()) return fallback;
    return parse_any_number(lower(found->second)).value_or(0) != 0;
}

ConfigTxt parse_config_txt(std::string_view text, const Folder& folder, const Board& board) {
    Parser parser(folder, board);
    parser.read(text, 0);
    std::erase_if(parser.config.tree, [](const TreeChange& change) {
        return change.overlay.empty() && change.parameters.empty();
    });
    return std::move(parser.config);
}

}  // namespace bootwire::bootfiles
