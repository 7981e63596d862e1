#include "plan/disk_cmdline.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/ascii.h"
#include "base/text.h"
#include "plan/keys.h"

namespace bootwire::plan {

namespace {

/// What only the disk may say, or nobody: see docs/settings.md.
constexpr std::array<std::string_view, 16> not_taken_over{
    "root",   "rootfstype", "rootflags", "rootwait", "rootdelay", "ro",   "rw",  "init",
    "rdinit", "initrd",     "resize",    "maxcpus",  "ip",        "vlan", "dns", "nameserver"};

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
    return std::ranges::any_of(names,
                               [&](std::string_view other) { return same_parameter(name, other); });
}

bool is_console(const Word& word) {
    return word.name == "console";
}

/// serial0 and serial1 are names of the firmware's, not of the kernel's.
bool is_firmware_console(const Word& word) {
    return is_console(word) && word.value && word.value->starts_with("serial");
}

/// A quotation that is open at the line's end must not swallow what is put after it.
std::string with_closed_quotes(std::string_view spelling) {
    std::string closed(spelling);
    if (std::ranges::count(closed, '"') % 2 != 0) closed += '"';
    return closed;
}

/// The words put together so far; each one once.
class Merger {
  public:
    /// False if there is no room.
    bool add(std::string_view word, size_t room) {
        const std::string spelling = with_closed_quotes(word);
        if (std::ranges::find(words_, spelling) != words_.end()) return true;
        if (length_ + spelling.size() + 1 > room) return false;
        words_.emplace_back(spelling);
        length_ += spelling.size() + 1;
        return true;
    }
    /// The same for what may stand there twice: arguments of init.
    void append(std::string_view word, size_t room) {
        const std::string spelling = with_closed_quotes(word);
        if (length_ + spelling.size() + 1 > room) return;
        words_.emplace_back(spelling);
        length_ += spelling.size() + 1;
    }
    std::string text() const { return join(words_, " ") + '\n'; }

  private:
    std::vector<std::string> words_;
    size_t length_ = 0;
};

size_t length_of(const std::vector<Word>& words) {
    size_t length = 0;
    for (const Word& word : words)
        length += word.spelling.size() + 2;
    return length;
}

/// A value that can't break out of its word.
bool is_one_word(std::string_view value) {
    return !value.empty() && value.size() <= 512 &&
           std::ranges::all_of(value, [](char c) { return c > ' ' && c != 0x7f && c != '"'; });
}

std::string_view first_line(std::string_view text, bool& more) {
    while (!text.empty()) {
        const size_t end = text.find('\n');
        const std::string_view line = trim(text.substr(0, end));
        text = end == text.npos ? std::string_view{} : text.substr(end + 1);
        if (line.empty()) continue;
        more = !trim(text).empty();
        return line;
    }
    return {};
}

bool is_added(std::string_view name, const std::vector<std::string>& additions) {
    return std::ranges::any_of(additions, [&](std::string_view addition) {
        return same_parameter(name, addition.substr(0, addition.find('=')));
    });
}

/// netroot= may have user name and password before the server (dracut.cmdline(7)).
bool may_be_secret(const Word& word) {
    const std::string name = lower(word.name);
    return word.value && (is_secret_parameter(word.name) || name.find("password") != name.npos ||
                          name.ends_with("netroot"));
}

void show(const std::vector<Word>& words, std::string& shown) {
    for (const Word& word : words) {
        shown += shown.empty() ? "" : " ";
        shown += may_be_secret(word) ? word.name + "=*" : word.spelling;
    }
}

/// What only an initramfs understands. No value: it does not matter which.
struct InitramfsWord {
    std::string_view name;
    std::string_view value;
};
/// For an overlay over the root.
constexpr InitramfsWord overlay_words[] = {
    {"boot", "overlay"},              // Raspberry Pi OS's raspi-config, up to Debian 11
    {"overlaytmpfs", "yes"},          // Alpine
    {"systemd.volatile", "overlay"},  // systemd's, in an initramfs
    {"systemd.volatile", "yes"},
    {"rd.overlay", ""},  // dracut
    {"rd.live.overlay.overlayfs", ""},
    {"root-ro-driver", ""},
};
/// For a root that is not simply a partition.
constexpr InitramfsWord other_words[] = {
    {"boot", "live"},      // Debian's live images
    {"boot", "casper"},    // Ubuntu's
    {"cryptopts", ""},     // Debian
    {"cryptdevice", ""},   // Arch
    {"cryptroot", ""},     // Alpine
    {"rd.luks.uuid", ""},  // dracut, systemd
    {"rd.luks.name", ""}, {"rd.lvm.lv", ""},   {"rd.lvm.vg", ""}, {"rd.md.uuid", ""},
    {"alpine_dev", ""},   {"alpine_repo", ""}, {"modloop", ""},
};

/// "NAME", or "NAME=VALUE" where it is the value that tells; empty if none of them is there.
std::string word_of(std::span<const InitramfsWord> words, const CommandLine& line) {
    for (const InitramfsWord& wanted : words) {
        if (wanted.value.empty() && line.has(wanted.name)) return std::string(wanted.name);
        if (!wanted.value.empty() && line.value(wanted.name) == wanted.value) {
            return std::string(wanted.name) + "=" + std::string(wanted.value);
        }
    }
    return {};
}

std::string overlay_word(const CommandLine& line) {
    // overlayroot(8): of Ubuntu, and of raspi-config today.
    const auto overlayroot = line.value("overlayroot");
    if (overlayroot && !overlayroot->empty() && !overlayroot->starts_with("disabled")) {
        return "overlayroot=" + std::string(*overlayroot);
    }
    return word_of(overlay_words, line);
}

}  // namespace

std::string without_secrets(std::string_view command_line) {
    const auto line = CommandLine::parse(command_line);
    std::string shown;
    show(line.words(), shown);
    if (!line.init_arguments().empty()) shown += shown.empty() ? "--" : " --";
    show(line.init_arguments(), shown);
    return shown;
}

DiskCommandLine read_disk_cmdline(std::string_view cmdline_txt) {
    DiskCommandLine disk;
    cmdline_txt = cmdline_txt.substr(0, cmdline_txt.find('\0'));
    if (cmdline_txt.starts_with("\xef\xbb\xbf")) cmdline_txt.remove_prefix(3);
    disk.line = CommandLine::parse(first_line(cmdline_txt, disk.further_lines));
    const auto text = [&](std::string_view name) {
        return std::string(disk.line.value(name).value_or(""));
    };
    disk.root = text("root");
    disk.root_flags = text("rootflags");
    disk.init = text("init");
    disk.overlay = overlay_word(disk.line);
    disk.initramfs = word_of(other_words, disk.line);
    for (const Word& word : disk.line.words()) {
        if (word.value) continue;
        if (word.name == "ro") disk.read_only = true;
        if (word.name == "rw") disk.read_only = false;
        if (word.name == "resize") disk.resize = true;
    }
    return disk;
}

MergedCommandLine merge_command_lines(const DiskCommandLine& disk, const CommandLine& running,
                                      const MergeChanges& changes) {
    const bool new_root = is_one_word(changes.root);
    const bool new_init = is_one_word(changes.init);
    const bool new_flags = is_one_word(changes.root_flags);
    const bool running_console = std::ranges::any_of(running.words(), is_console);

    MergedCommandLine merged;
    Merger merger;
    // Room for the line end, and for what comes last and is the disk's.
    const size_t reserve =
        disk.line.init_arguments().empty() ? 0 : 3 + length_of(disk.line.init_arguments());
    const size_t limit = std::min(changes.max_length, max_merged_length);
    const size_t room = limit - std::min(reserve, limit);

    if (new_root) merger.add("root=" + changes.root, room);
    if (new_init) merger.add("init=" + changes.init, room);
    if (new_flags) merger.add("rootflags=" + changes.root_flags, room);
    for (const Word& word : disk.line.words()) {
        if (is_secret_parameter(word.name)) continue;
        if (new_root && word.name == "root") continue;
        if (new_init && word.name == "init") continue;
        if (new_flags && word.name == "rootflags") continue;
        if (changes.additions_win && is_added(word.name, changes.additions)) continue;
        if (is_console(word) && running_console) continue;
        if (is_firmware_console(word)) continue;
        merger.add(word.spelling, room);
    }
    for (const std::string& addition : changes.additions) {
        const std::string_view name = std::string_view(addition).substr(0, addition.find('='));
        if (!changes.additions_win && disk.line.has(name)) continue;
        if (!merger.add(addition, room)) merged.left_out.push_back(addition);
    }
    for (const Word& word : running.words()) {
        if (is_secret_parameter(word.name) || is_one_of(not_taken_over, word.name)) continue;
        if (!changes.keep_our_names && is_our_name(word.name)) continue;
        if (is_added(word.name, changes.additions)) continue;
        if (!merger.add(word.spelling, room)) merged.left_out.push_back(word.spelling);
    }
    if (reserve > 0 && reserve < limit) {
        merger.append("--", limit);
        for (const Word& word : disk.line.init_arguments()) {
            if (!is_secret_parameter(word.name)) merger.append(word.spelling, limit);
        }
    }
    merged.text = merger.text();
    return merged;
}

}  // namespace bootwire::plan
