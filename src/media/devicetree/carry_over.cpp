#include "devicetree/carry_over.h"

#include <algorithm>
#include <array>

#include "devicetree/regions.h"

namespace bootwire::devicetree {

namespace {

constexpr int deepest = 16;

/// Of one boot: the next system gets its own.
constexpr std::array<std::string_view, 9> of_this_boot{
    "bootargs",    "linux,initrd-start", "linux,initrd-end",          "kaslr-seed",
    "rng-seed",    "linux,elfcorehdr",   "linux,usable-memory-range", "linux,booted-from-kexec",
    "stdout-path",
};
/// What both trees may have: the firmware sets them to what this very board needs.
constexpr std::array<std::string_view, 9> of_the_board{
    "local-mac-address", "mac-address",   "local-bd-address", "dma-ranges",   "clock-frequency",
    "cpu-release-addr",  "enable-method", "linux,revision",   "linux,serial",
};

/// Have steps of their own, or list what is elsewhere in the tree.
constexpr std::array<std::string_view, 7> no_devices{
    "/aliases",     "/chosen",     "/reserved-memory",  "/__overrides__",
    "/__symbols__", "/__fixups__", "/__local_fixups__",
};
/// Of overlays in our config.txt; the disk's own config.txt decides that.
constexpr std::array<std::string_view, 2> of_our_configuration{"status", "compatible"};

struct Trees {
    const Tree& running;
    const Tree* shipped;  ///< null: not known
    Tree& theirs;
};

/// Whether the firmware may have written the running tree's value.
bool is_found(const Trees& trees, const std::string& path, const std::string& name,
              const std::string& value) {
    return trees.shipped == nullptr || trees.shipped->property(path, name) != value;
}

std::string name_of(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

bool is_memory(const Tree& tree, const std::string& path) {
    return tree.property(path, "device_type") == std::string("memory\0", 7);
}

/// What was found at a place of the running tree goes to one of theirs.
Status carry_property(const Trees& trees, const std::string& path, const std::string& to_path,
                      const std::string& name) {
    const auto value = trees.running.property(path, name);
    if (!value || !is_found(trees, path, name, *value)) return {};
    return trees.theirs.set(to_path, name, *value);
}

/// Numbers by which nodes name each other mean something else in another tree.
bool is_reference(const std::string& name) {
    return name == "phandle" || name == "linux,phandle";
}

Status copy_node(const Tree& from, const std::string& path, Tree& to, int depth) {
    if (depth > deepest) return {};
    if (auto made = to.add_node(path); !made) return made;
    for (const auto& [name, value] : from.values(path)) {
        if (is_reference(name)) continue;
        if (auto done = to.set(path, name, value); !done) return done;
    }
    for (const std::string& child : from.children(path)) {
        if (auto done = copy_node(from, child, to, depth + 1); !done) return done;
    }
    return {};
}

std::string above(const std::string& path) {
    const size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// The regions of a node of the running tree as one of theirs has them.
Result<std::string> regions_for(const Trees& trees, const std::string& path, const std::string& to,
                                const std::string& regions) {
    return in_other_cells(regions, region_cells(trees.running, above(path)),
                          region_cells(trees.theirs, above(to)));
}

Status carry_memory(const Trees& trees) {
    for (const std::string& path : trees.theirs.children("/"))
        if (is_memory(trees.theirs, path)) trees.theirs.remove_node(path);
    for (const std::string& path : trees.running.children("/")) {
        if (!is_memory(trees.running, path)) continue;
        if (auto done = copy_node(trees.running, path, trees.theirs, 0); !done) return done;
        const auto regions = trees.running.property(path, "reg");
        if (!regions) continue;
        const auto changed = regions_for(trees, path, path, *regions);
        if (!changed) return fail("the memory of this board: " + changed.error().what);
        if (auto done = trees.theirs.set(path, "reg", *changed); !done) return done;
    }
    const auto known = trees.theirs.reservations();
    for (const auto& region : trees.running.reservations()) {
        if (std::ranges::find(known, region) != known.end()) continue;
        if (auto done = trees.theirs.add_reservation(region.first, region.second); !done)
            return done;
    }
    return {};
}

Status carry_chosen(const Trees& trees) {
    for (const auto& [name, value] : trees.running.values("/chosen")) {
        if (std::ranges::find(of_this_boot, name) != of_this_boot.end() || is_reference(name))
            continue;
        if (!is_found(trees, "/chosen", name, value)) continue;
        if (auto done = trees.theirs.set("/chosen", name, value); !done) return done;
    }
    for (const std::string& child : trees.running.children("/chosen")) {
        if (auto done = copy_node(trees.running, child, trees.theirs, 0); !done) return done;
    }
    return {};
}

/// A node that both trees name by the same alias may lie elsewhere in the other one.
Status carry_alias(const Trees& trees, const std::string& alias,
                   const std::vector<std::string>& names) {
    const std::string from = trees.running.alias(alias);
    const std::string to = trees.theirs.alias(alias);
    if (from.empty() || to.empty()) return {};
    for (const std::string& name : names) {
        if (auto done = carry_property(trees, from, to, name); !done) return done;
    }
    return {};
}

/// Where a region is, and that it is in use. Neither where our own kernel cannot tell: a Pi 5's
/// bootloader from before 2025-02-11 writes other cells than its tree counts in.
Status carry_place(const Trees& trees, const std::string& path, const std::string& to) {
    const auto regions = trees.running.property(path, "reg");
    if (regions && is_found(trees, path, "reg", *regions)) {
        const auto changed = regions_for(trees, path, to, *regions);
        if (!changed) return {};
        if (auto done = trees.theirs.set(to, "reg", *changed); !done) return done;
    }
    return carry_property(trees, path, to, "status");
}

/// A region that their tree knows nothing of.
Status copy_region(const Trees& trees, const std::string& path) {
    const auto regions = trees.running.property(path, "reg");
    const auto changed = regions_for(trees, path, path, regions.value_or(""));
    if (!changed) return {};
    auto done = copy_node(trees.running, path, trees.theirs, 0);
    return done && regions ? trees.theirs.set(path, "reg", *changed) : done;
}

/// Firmware's regions of memory, blconfig among them, are where it says.
Status carry_reserved_memory(const Trees& trees) {
    for (const std::string& path : trees.running.children("/reserved-memory")) {
        const auto done =
            trees.theirs.has(path) ? carry_place(trees, path, path) : copy_region(trees, path);
        if (!done) return done;
    }
    const std::string from = trees.running.alias("blconfig");
    const std::string to = trees.theirs.alias("blconfig");
    return from.empty() || to.empty() ? Status() : carry_place(trees, from, to);
}

/// Whether a number in it may stand for a node: in their tree it would be another one.
bool may_refer(const Tree& tree, const std::string& value) {
    if (value.size() % 4 != 0) return false;
    for (size_t offset = 0; const auto number = cell_at(value, offset); offset += 4)
        if (!tree.with_phandle(*number).empty()) return true;
    return false;
}

bool is_listed(const std::string& path, const std::string& name) {
    if (std::ranges::find(of_the_board, name) == of_the_board.end()) return false;
    // Other rates are what the disk's configuration wants them to be.
    return name != "clock-frequency" || path.starts_with("/clocks/") || path.starts_with("/cpus/");
}

/// Whether theirs is what ours had been before it was changed, and means the same in both.
bool is_change_for_both(const Trees& trees, const std::string& path, const std::string& name,
                        const std::string& value, const std::string& other) {
    if (trees.shipped == nullptr || trees.shipped->property(path, name) != other) return false;
    if (std::ranges::find(of_our_configuration, name) != of_our_configuration.end()) return false;
    return !is_reference(name) && value.size() == other.size() &&
           !may_refer(trees.running, value) && !may_refer(trees.running, other);
}

/// Node by node, where both trees have it.
Status carry_board(const Trees& trees, const std::string& path, int depth) {
    if (depth > deepest || std::ranges::find(no_devices, path) != no_devices.end()) return {};
    const Properties theirs = trees.theirs.values(path);
    for (const auto& [name, value] : trees.running.values(path)) {
        const auto other = theirs.find(name);
        if (other == theirs.end() || other->second == value) continue;
        if (!is_found(trees, path, name, value)) continue;
        // Other cells to a number than here would give it another meaning.
        if (name == "dma-ranges" && value.size() != other->second.size()) continue;
        if (!is_listed(path, name) && !is_change_for_both(trees, path, name, value, other->second))
            continue;
        if (auto done = trees.theirs.set(path, name, value); !done) return done;
    }
    for (const std::string& child : trees.running.children(path)) {
        if (!trees.theirs.has(child)) continue;
        if (auto done = carry_board(trees, child, depth + 1); !done) return done;
    }
    return {};
}

Status carry_identity(const Trees& trees) {
    for (const char* const name : {"serial-number", "model"}) {
        if (auto done = carry_property(trees, "/", "/", name); !done) return done;
    }
    if (trees.running.has("/system")) {
        if (auto done = copy_node(trees.running, "/system", trees.theirs, 0); !done) return done;
    }
    for (const std::string& path : trees.running.children("/")) {
        if (!name_of(path).starts_with("hat") || trees.theirs.has(path)) continue;
        if (auto done = copy_node(trees.running, path, trees.theirs, 0); !done) return done;
    }
    return {};
}

}  // namespace

Status carry_over(const Tree& running, const std::optional<Tree>& shipped, Tree& theirs) {
    const Trees trees{running, shipped ? &*shipped : nullptr, theirs};
    const std::vector<std::string> addresses{"local-mac-address", "mac-address",
                                             "local-bd-address"};
    for (const auto& step : {carry_memory, carry_reserved_memory, carry_identity, carry_chosen}) {
        if (auto done = step(trees); !done) return done;
    }
    for (const char* const alias : {"ethernet0", "ethernet1", "wifi0", "bluetooth"}) {
        if (auto done = carry_alias(trees, alias, addresses); !done) return done;
    }
    return carry_board(trees, "/", 0);
}

}  // namespace bootwire::devicetree
