#include "init/card.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "handoff/mount.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "plan/keys.h"
#include "plan/settings_file.h"

namespace bootwire::init {

namespace {

using namespace std::chrono_literals;

constexpr char block_devices[] = "/sys/class/block";
constexpr char command_line_file[] = "/cmdline.txt";
constexpr char settings_file[] = "/bootwire.txt";
constexpr size_t longest_cmdline_txt = 16 * 1024;
constexpr size_t longest_settings_file = 16 * 1024;
constexpr char card_slots[] = "/sys/class/mmc_host";
constexpr char boot_mode_property[] = "/proc/device-tree/chosen/bootloader/boot-mode";
constexpr char another_card[] = "the SD card is not the one that this Pi started from";

std::string boot_mode() {
    return read_file(boot_mode_property, 16).value_or("");
}

/// Its node; empty without a card.
std::string partition_of_card() {
    const std::string name = card_partition(names_in(block_devices));
    return name.empty() ? name : "/dev/" + name;
}

/// Where the firmware says that it started from the card, that is waited for. Where it says nothing
/// (a Pi 3), the kernel has looked into the slot two seconds after its own start.
bool await_card() {
    const std::string mode = boot_mode();
    if (started_elsewhere(mode) || names_in(card_slots).empty()) return false;
    const Moment deadline = mode.empty() ? Moment(2s) : now() + 5s;
    while (!has_own_card() && now() < deadline)
        sleep_for(20ms);
    return has_own_card();
}

/// options: empty to read only.
Result<handoff::TemporaryMount> mount_card(const char* options) {
    const std::string partition = partition_of_card();
    if (partition.empty()) return fail("there is no SD card");
    return handoff::TemporaryMount::mount(
        {partition, "/card", "vfat", options, options[0] == '\0'});
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

std::string card_partition(std::span<const std::string> names) {
    constexpr std::string_view disk = "mmcblk", first = "p1";
    for (const std::string& name : names) {
        if (!name.starts_with(disk) || !name.ends_with(first)) continue;
        const std::string_view number =
            std::string_view(name).substr(disk.size(), name.size() - disk.size() - first.size());
        if (!number.empty() && number.find_first_not_of("0123456789") == number.npos) return name;
    }
    return {};
}

bool has_own_card() {
    const std::string partition = partition_of_card();
    return !partition.empty() && access(partition.c_str(), R_OK) == 0 &&
           !started_elsewhere(boot_mode());
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

plan::CommandLine Card::settings(const plan::CommandLine& running) const {
    if (!await_card()) return {};
    const auto mounted = mount_card("");
    if (!mounted) {
        log::warning("cannot look for bootwire.txt: " + mounted.error().to_string());
        return {};
    }
    const std::string path = mounted->path() + settings_file;
    if (access(path.c_str(), F_OK) != 0) return {};
    const auto text = read_file(path, longest_settings_file);
    const auto cmdline_txt = read_file(mounted->path() + command_line_file, longest_cmdline_txt);
    Status usable = text ? Status() : std::unexpected(text.error());
    if (usable && !cmdline_txt) usable = std::unexpected(cmdline_txt.error());
    if (usable) usable = is_of_this_boot(*cmdline_txt, running, kept_);
    if (!usable) {
        log::warning("bootwire.txt of the SD card does not count: " + usable.error().to_string());
        return {};
    }
    auto said = plan::read_settings_file(*text);
    said.remove(plan::info(plan::Key::bootwire_keep).name);  // it is there
    return said;
}

Result<handoff::TemporaryMount> Card::mount_own(const plan::CommandLine& running,
                                                Access access) const {
    if (started_elsewhere(boot_mode())) {
        return fail(another_card, "the firmware has started from somewhere else");
    }
    auto mounted = mount_card(access == Access::read ? "" : "sync,umask=0077,quiet");
    if (!mounted) return mounted;
    const auto cmdline_txt = read_file(mounted->path() + command_line_file, longest_cmdline_txt);
    if (!cmdline_txt) return std::unexpected(cmdline_txt.error());
    if (auto own = is_of_this_boot(*cmdline_txt, running, kept_); !own) {
        return std::unexpected(own.error());
    }
    return mounted;
}

Status Card::keep(const plan::CommandLine& settings, const plan::CommandLine& running) {
    const auto mounted = mount_own(running, Access::read_write);
    if (!mounted) return std::unexpected(mounted.error());
    // In this order: until both are written, cmdline.txt says what it has said.
    if (auto written = write_settings(mounted->path(), settings); !written) return written;
    return write_command_line(mounted->path(), settings);
}

Status Card::write_settings(const std::string& folder, const plan::CommandLine& settings) {
    const std::string path = folder + settings_file;
    std::string old;
    if (access(path.c_str(), F_OK) == 0) {
        auto text = read_file(path, longest_settings_file);
        if (!text) return std::unexpected(text.error());
        old = std::move(*text);
    }
    const std::string changed = plan::with_settings(old, settings);
    const auto read_again = plan::read_settings_file(changed);
    for (const plan::Word& word : settings.words()) {
        const auto says_it = [&](const plan::Word& other) {
            return plan::same_parameter(other.name, word.name) && other.value == word.value;
        };
        if (std::ranges::none_of(read_again.words(), says_it)) {
            return fail(word.name + "= has a value that bootwire.txt cannot have");
        }
    }
    if (changed.size() > longest_settings_file) {
        return fail("bootwire.txt of the SD card has no room for more");
    }
    return replace_and_verify(path, changed);
}

Status Card::write_command_line(const std::string& folder, const plan::CommandLine& settings) {
    const auto old = read_file(folder + command_line_file, longest_cmdline_txt);
    if (!old) return std::unexpected(old.error());
    const std::string changed = plan::without_settings(*old, settings);
    if (changed == *old) return {};
    if (auto kept = replace_and_verify(folder + "/cmdline.bak", *old); !kept) return kept;
    if (auto written = replace_and_verify(folder + command_line_file, changed); !written) {
        return written;
    }
    kept_ = changed;
    return {};
}

}  // namespace bootwire::init
