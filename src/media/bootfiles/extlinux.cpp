#include "bootfiles/extlinux.h"

#include <optional>
#include <vector>

#include "base/ascii.h"
#include "base/text.h"
#include "bootfiles/board_type.h"
#include "bootfiles/keyword_lines.h"

namespace bootwire::bootfiles {

namespace {

constexpr size_t most_lines = 4096;
constexpr size_t most_entries = 256;

struct Entry {
    std::string label;
    std::string kernel, initrd, tree, tree_folder, overlays, append;
};

struct Menu {
    std::string chosen;            // by "default"
    std::optional<size_t> marked;  // by "menu default" inside of it; the first such counts
    std::vector<Entry> entries;
};

void take_line(std::string_view keyword, const std::string& value, Menu& menu) {
    if (same_ignoring_case(keyword, "default")) {
        menu.chosen = value;
    } else if (same_ignoring_case(keyword, "label") && menu.entries.size() < most_entries) {
        menu.entries.push_back({value, {}, {}, {}, {}, {}, {}});
    }
    if (menu.entries.empty()) return;
    Entry& entry = menu.entries.back();
    const auto is = [&](std::string_view word) { return same_ignoring_case(keyword, word); };
    if (is("kernel") || is("linux")) entry.kernel = value;
    if (is("initrd")) entry.initrd = value;
    if (is("fdt") || is("devicetree")) entry.tree = value;
    if (is("fdtdir") || is("devicetreedir")) entry.tree_folder = value;
    if (is("fdtoverlays") || is("devicetree-overlay")) entry.overlays = value;
    if (is("append")) entry.append = value;
    const auto words = split_words(value);
    if (is("menu") && !menu.marked && !words.empty() &&
        same_ignoring_case(words.front(), "default")) {
        menu.marked = menu.entries.size() - 1;
    }
}

Menu parse(std::string_view text) {
    Menu menu;
    for (const auto& [keyword, value] : keyword_lines(text, most_lines)) {
        take_line(keyword, std::string(value), menu);
    }
    return menu;
}

const Entry* chosen(const Menu& menu) {
    for (const Entry& entry : menu.entries) {
        if (!menu.chosen.empty() && entry.label == menu.chosen) return &entry;
    }
    if (menu.marked) return &menu.entries[*menu.marked];
    return menu.entries.empty() ? nullptr : &menu.entries.front();
}

/// As a file system has it: ".." leads upwards, but not out of the partition (then empty).
std::string without_parents(std::string_view path) {
    std::vector<std::string> parts;
    for (const std::string_view part : split(path, '/')) {
        if (part.empty() || part == ".") continue;
        if (part != "..") {
            parts.emplace_back(part);
        } else if (parts.empty()) {
            return {};
        } else {
            parts.pop_back();
        }
    }
    return clean_path(join(parts, "/"));
}

/// A path from the partition's root, or beside the file (NixOS names "../nixos/…").
std::string resolved(std::string_view name, const std::string& beside) {
    if (name.starts_with('/')) return without_parents(name);
    const size_t slash = beside.rfind('/');
    return without_parents(beside.substr(0, slash == beside.npos ? 0 : slash + 1) +
                           std::string(name));
}

std::string source_of(const std::string& path, const Entry& entry) {
    return path + ", entry " + printable(entry.label, 60);
}

/// The board's tree in the folder of fdtdir; empty if there is none. U-Boot knows it by mainline's
/// name, below broadcom/ as an arm64 kernel installs it (board/raspberrypi/rpi/rpi.c).
std::string tree_inside(const std::string& fdtdir, const std::string& beside, const Folder& folder,
                        const Board& board) {
    const BoardType* type = board_type(board.revision);
    if (type == nullptr) return {};
    std::vector<std::string_view> names = split_words(type->mainline_trees);
    for (const std::string_view name : split_words(type->trees))
        names.push_back(name);
    for (const std::string_view name : names) {
        for (const char* below : {"/", "/broadcom/"}) {
            std::string path = resolved(fdtdir + below + std::string(name) + ".dtb", beside);
            if (!path.empty() && folder.exists(path)) return path;
        }
    }
    return {};
}

std::unexpected<Error> not_there(const std::string& file, std::string_view what,
                                 std::string_view name) {
    return fail(file + " names the " + std::string(what) + " " + printable(name, 120) +
                    ", which is not on the boot partition",
                "put it there, or correct " + file);
}

}  // namespace

Result<BootFiles> read_extlinux(std::string_view text, const std::string& path,
                                const Folder& folder, const Board& board) {
    const Menu menu = parse(text);
    const Entry* entry = chosen(menu);
    if (entry == nullptr || entry->kernel.empty()) {
        return fail(path + " has no entry with a kernel", "it needs a label with linux or kernel");
    }
    BootFiles files;
    files.source = source_of(path, *entry);
    files.command_line = entry->append;
    files.command_line_place = files.source;
    files.kernel = resolved(entry->kernel, path);
    if (!folder.exists(files.kernel)) return not_there(path, "kernel", entry->kernel);
    for (const std::string_view name : split(entry->initrd, ',')) {
        if (trim(name).empty()) continue;
        files.initramfs.push_back(resolved(trim(name), path));
        if (!folder.exists(files.initramfs.back())) return not_there(path, "initramfs", name);
    }
    if (!entry->tree.empty()) {
        files.device_tree = resolved(entry->tree, path);
        if (!folder.exists(files.device_tree)) return not_there(path, "device tree", entry->tree);
    } else if (!entry->tree_folder.empty()) {
        files.device_tree = tree_inside(entry->tree_folder, path, folder, board);
        if (files.device_tree.empty()) {
            files.notes.push_back(path + ": this board's device tree is not in fdtdir " +
                                  printable(entry->tree_folder, 120));
        }
    }
    for (const std::string_view name : split_words(entry->overlays)) {
        files.tree_changes.push_back({resolved(name, path), {}});
        if (!folder.exists(files.tree_changes.back().overlay)) {
            return not_there(path, "overlay", name);
        }
    }
    return files;
}

std::optional<DiskWords> extlinux_words(std::string_view text, const std::string& path) {
    const Menu menu = parse(text);
    const Entry* entry = chosen(menu);
    if (entry == nullptr) return std::nullopt;
    return DiskWords{entry->append, source_of(path, *entry), {}};
}

}  // namespace bootwire::bootfiles
