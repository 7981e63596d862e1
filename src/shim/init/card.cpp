#include "init/card.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "handoff/mount.h"
#include "os/file.h"
#include "plan/settings_file.h"

namespace bootwire::init {

namespace {

constexpr char card_partition[] = "/dev/mmcblk0p1";
constexpr char command_line_file[] = "/cmdline.txt";
constexpr size_t longest_cmdline_txt = 16 * 1024;
constexpr char boot_mode_property[] = "/proc/device-tree/chosen/bootloader/boot-mode";
constexpr char another_card[] = "the SD card is not the one that this Pi started from";

std::string boot_mode() {
    return read_file(boot_mode_property, 16).value_or("");
}

std::string_view first_line(std::string_view text) {
    return text.substr(0, text.find_first_of("\r\n"));
}

/// The firmware puts its own name for the port there, or another port's (raspberrypi/firmware,
/// issue 752).
bool is_serial_console(const plan::Word& word) {
    return word.name == "console" && word.value &&
           (word.value->starts_with("serial") || word.value->starts_with("ttyS") ||
            word.value->starts_with("ttyAMA"));
}

std::vector<plan::Word> without_serial_consoles(const plan::CommandLine& line) {
    std::vector<plan::Word> words = line.words();
    std::erase_if(words, is_serial_console);
    return words;
}

bool same(const plan::Word& a, const plan::Word& b) {
    return a.name == b.name && a.value == b.value;
}

}  // namespace

bool has_own_card() {
    return access(card_partition, R_OK) == 0 && !started_elsewhere(boot_mode());
}

bool started_elsewhere(std::string_view boot_mode) {
    if (boot_mode.size() != 4) return false;
    // 0: the card, after it was put in; 1: the card, or a Compute Module's eMMC in its place.
    return boot_mode != std::string_view("\0\0\0\0", 4) &&
           boot_mode != std::string_view("\0\0\0\1", 4);
}

Status is_of_this_boot(std::string_view cmdline_txt, const plan::CommandLine& running,
                       std::string_view kept) {
    if (!kept.empty() && cmdline_txt == kept) return {};
    const auto on_card = plan::CommandLine::parse(first_line(cmdline_txt));
    const auto words = without_serial_consoles(on_card);
    if (words.empty()) return fail(another_card, "nothing in its cmdline.txt shows that it is");
    const auto given = without_serial_consoles(running);
    const bool ends_alike =
        words.size() <= given.size() &&
        std::equal(words.begin(), words.end(), given.end() - std::ssize(words), same);
    const bool arguments_alike =
        std::ranges::equal(on_card.init_arguments(), running.init_arguments(), same);
    if (!ends_alike || !arguments_alike || on_card.cut()) {
        return fail(another_card, "its cmdline.txt says something else than this boot was given");
    }
    return {};
}

Status Card::keep(const plan::CommandLine& settings, const plan::CommandLine& running) {
    if (started_elsewhere(boot_mode())) {
        return fail(another_card, "the firmware has started from somewhere else");
    }
    const auto mounted = handoff::TemporaryMount::mount(
        {card_partition, "/card", "vfat", "sync,umask=0077,quiet", false});
    if (!mounted) return std::unexpected(mounted.error());
    const std::string path = mounted->path() + command_line_file;
    const auto old = read_file(path, longest_cmdline_txt);
    if (!old) return std::unexpected(old.error());
    if (auto own = is_of_this_boot(*old, running, kept_); !own) return own;
    const std::string changed = plan::with_settings(*old, settings);
    const auto read_again = plan::CommandLine::parse(changed);
    for (const plan::Word& word : settings.words()) {
        const auto says_it = [&](const plan::Word& other) {
            return plan::same_parameter(other.name, word.name) && other.value == word.value;
        };
        if (std::ranges::none_of(read_again.words(), says_it)) {
            return fail(word.name + "= has a value that cmdline.txt cannot have");
        }
    }
    if (auto kept = replace_file(mounted->path() + "/cmdline.bak", *old); !kept) return kept;
    if (auto written = replace_file(path, changed); !written) return written;
    const auto verified = read_file(path, longest_cmdline_txt + settings.words().size() * 1024);
    if (!verified || *verified != changed) return fail("the SD card did not keep cmdline.txt");
    kept_ = changed;
    return {};
}

}  // namespace bootwire::init
