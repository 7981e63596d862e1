#include "bootfiles/boot_files.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "bootfiles/extlinux.h"
#include "bootfiles/firmware_choice.h"
#include "bootfiles/loader_entries.h"

namespace bootwire::bootfiles {

namespace {

constexpr size_t longest_path = 1024;
constexpr size_t most_notes_in_hint = 3;
constexpr size_t longest_autoboot = 512;  // what the firmware reads of it
constexpr std::array extlinux_files{"extlinux/extlinux.conf", "boot/extlinux/extlinux.conf"};

/// Fedora, openSUSE and others have the firmware start U-Boot, which reads the other files.
/// Fedora's is rpi-u-boot.bin, and was rpi4-u-boot.bin.
bool is_boot_loader(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
    return name.starts_with("u-boot") || name.starts_with("uboot") ||
           (name.contains("u-boot") && name.ends_with(".bin"));
}

/// Empty if it is not there or cannot be read.
std::string text_of_file(const Folder& folder, const std::string& path) {
    if (!folder.exists(path)) return {};
    return folder.read(path, largest_text).value_or("");
}

ConfigTxt read_config(const Folder& folder, const Board& board) {
    return parse_config_txt(text_of_file(folder, "config.txt"), folder, board);
}

/// What was not understood may be the reason.
Error with_notes(Error error, const std::vector<std::string>& notes) {
    for (size_t i = 0; i < std::min(notes.size(), most_notes_in_hint); ++i)
        error.hint += "; " + notes[i];
    return error;
}

}  // namespace

std::string clean_path(std::string_view path) {
    std::string clean;
    if (path.size() > longest_path) return clean;
    for (const std::string_view part : split(path, '/')) {
        if (part.empty() || part == ".") continue;
        if (part == ".." || part.find('\0') != part.npos) return {};
        if (!clean.empty()) clean += '/';
        clean += part;
    }
    return clean;
}

Result<BootFiles> find_boot_files(const Folder& folder, const Board& board) {
    std::string text;
    const bool has_config = folder.exists("config.txt");
    if (has_config) {
        auto read = folder.read("config.txt", largest_text);
        if (!read) return std::unexpected(read.error());
        text = std::move(*read);
    }
    const ConfigTxt config = parse_config_txt(text, folder, board);
    auto files = choose_as_firmware(config, folder, board);
    if (files && !is_boot_loader(files->kernel)) {
        if (!has_config) files->source = "the firmware's default names";
        return files;
    }
    auto other = find_loader_files(folder, board);
    if (!other || !other->kernel.empty()) return other;
    if (files) {
        return fail("config.txt starts the boot loader " + printable(files->kernel, 80) +
                        ", and there is neither extlinux.conf nor a loader entry",
                    "name the kernel itself in config.txt, or boot with iscsi.mode=pivot");
    }
    if (has_config) return std::unexpected(with_notes(files.error(), config.notes));
    return fail(
        "the boot partition names no kernel: it has no config.txt, no default kernel, no "
        "extlinux.conf and no loader entry",
        "boot with iscsi.mode=pivot");
}

Result<BootFiles> find_loader_files(const Folder& folder, const Board& board) {
    for (const char* path : extlinux_files) {
        if (!folder.exists(path)) continue;
        const auto text = folder.read(path, largest_text);
        if (!text) return std::unexpected(text.error());
        return read_extlinux(*text, path, folder, board);
    }
    return read_loader_entries(folder);
}

std::optional<DiskWords> find_loader_words(const Folder& folder, const Board& board) {
    if (const auto files = find_loader_files(folder, board); files && !files->kernel.empty()) {
        return DiskWords{files->command_line, files->command_line_place, files->notes};
    }
    for (const char* path : extlinux_files) {
        if (folder.exists(path)) return extlinux_words(text_of_file(folder, path), path);
    }
    return loader_entry_words(folder);
}

DiskWords find_words(const Folder& folder, const Board& board) {
    const ConfigTxt config = read_config(folder, board);
    DiskWords words = words_as_firmware(config, folder, board);
    const bool starts_loader = is_boot_loader(config.value("kernel"));
    if (!starts_loader && !words.place.empty()) return words;
    if (auto others = find_loader_words(folder, board)) return *std::move(others);
    words.loader_elsewhere = starts_loader;
    return words;
}

Autoboot read_autoboot(const Folder& folder, const Board& board) {
    const std::string text = text_of_file(folder, "autoboot.txt").substr(0, longest_autoboot);
    const ConfigTxt config = parse_config_txt(text, folder, board);
    const auto partition = parse_number<unsigned>(config.value("boot_partition"));
    return {partition && *partition > 0 ? partition : std::nullopt, config.has_tryboot};
}

bool has_tryboot(const Folder& folder, const Board& board) {
    return folder.exists("tryboot.txt") || read_config(folder, board).has_tryboot;
}

}  // namespace bootwire::bootfiles
