#include "devicetree/carry_over.h"

#include <algorithm>
#include <array>

namespace bootwire::devicetree {

namespace {

constexpr int kDeepest = 16;

/// Of one boot: the next system gets its own.
constexpr std::array<std::string_view, 9> kOfThisBoot{
    "bootargs",    "linux,initrd-start", "linux,initrd-end",          "kaslr-seed",
    "rng-seed",    "linux,elfcorehdr",   "linux,usable-memory-range", "linux,booted-from-kexec",
    "stdout-path",
};
/// Of a node that both trees have: the firmware sets them to what this very board needs.
constexpr std::array<std::string_view, 9> kOfTheBoard{
    "local-mac-address", "mac-address",   "local-bd-address", "dma-ranges",   "clock-frequency",
    "cpu-release-addr",  "enable-method", "linux,revision",   "linux,serial",
};

std::string name_of(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

bool is_memory(const Tree& tree, const std::string& path) {
    return tree.property(path, "device_type") == std::string("memory\0", 7);
}

Status copy_property(const Tree& from, const std::string& path, Tree& to,
                     const std::string& to_path, const std::string& name) {
    const auto value = from.property(path, name);
    return value ? to.set(to_path, name, *value) : Status();
}

/// Numbers by which nodes name each other mean something else in another tree.
bool is_reference(const std::string& name) {
    return name == "phandle" || name == "linux,phandle";
}

Status copy_node(const Tree& from, const std::string& path, Tree& to, int depth) {
    if (depth > kDeepest) return {};
    if (auto made = to.add_node(path); !made) return made;
    for (const std::string& name : from.properties(path)) {
        if (is_reference(name)) continue;
        if (auto done = copy_property(from, path, to, path, name); !done) return done;
    }
    for (const std::string& child : from.children(path)) {
        if (auto done = copy_node(from, child, to, depth + 1); !done) return done;
    }
    return {};
}

Status carry_memory(const Tree& running, Tree& theirs) {
    for (const std::string& path : theirs.children("/"))
        if (is_memory(theirs, path)) theirs.remove_node(path);
    for (const std::string& path : running.children("/")) {
        if (!is_memory(running, path)) continue;
        if (auto done = copy_node(running, path, theirs, 0); !done) return done;
    }
    const auto known = theirs.reservations();
    for (const auto& region : running.reservations()) {
        if (std::ranges::find(known, region) != known.end()) continue;
        if (auto done = theirs.add_reservation(region.first, region.second); !done) return done;
    }
    return {};
}

Status carry_chosen(const Tree& running, Tree& theirs) {
    for (const std::string& name : running.properties("/chosen")) {
        if (std::ranges::find(kOfThisBoot, name) != kOfThisBoot.end() || is_reference(name))
            continue;
        if (auto done = copy_property(running, "/chosen", theirs, "/chosen", name); !done)
            return done;
    }
    for (const std::string& child : running.children("/chosen")) {
        if (auto done = copy_node(running, child, theirs, 0); !done) return done;
    }
    return {};
}

/// A node that both trees name by the same alias may lie elsewhere in the other one.
Status carry_alias(const Tree& running, Tree& theirs, const std::string& alias,
                   const std::vector<std::string>& names) {
    const std::string from = running.alias(alias);
    const std::string to = theirs.alias(alias);
    if (from.empty() || to.empty()) return {};
    for (const std::string& name : names) {
        if (auto done = copy_property(running, from, theirs, to, name); !done) return done;
    }
    return {};
}

/// Firmware's regions of memory, blconfig among them, are where it says.
Status carry_reserved_memory(const Tree& running, Tree& theirs) {
    for (const std::string& path : running.children("/reserved-memory")) {
        if (!theirs.has(path)) {
            if (auto done = copy_node(running, path, theirs, 0); !done) return done;
            continue;
        }
        for (const char* const name : {"reg", "status"}) {
            if (auto done = copy_property(running, path, theirs, path, name); !done) return done;
        }
    }
    return carry_alias(running, theirs, "blconfig", {"reg", "status"});
}

/// Node by node, where both trees have it.
Status carry_board(const Tree& running, Tree& theirs, const std::string& path, int depth) {
    if (depth > kDeepest) return {};
    for (const std::string_view name : kOfTheBoard) {
        const auto ours = running.property(path, std::string(name));
        const auto other = theirs.property(path, std::string(name));
        if (!ours || !other || *ours == *other) continue;
        // Other rates are what the disk's configuration wants them to be.
        const bool is_clock = path.starts_with("/clocks/") || path.starts_with("/cpus/");
        if (name == "clock-frequency" && !is_clock) continue;
        // Other cells to a number than here would give it another meaning.
        if (name == "dma-ranges" && ours->size() != other->size()) continue;
        if (auto done = theirs.set(path, std::string(name), *ours); !done) return done;
    }
    for (const std::string& child : running.children(path)) {
        if (!theirs.has(child)) continue;
        if (auto done = carry_board(running, theirs, child, depth + 1); !done) return done;
    }
    return {};
}

Status carry_identity(const Tree& running, Tree& theirs) {
    for (const char* const name : {"serial-number", "model"}) {
        if (auto done = copy_property(running, "/", theirs, "/", name); !done) return done;
    }
    if (running.has("/system")) {
        if (auto done = copy_node(running, "/system", theirs, 0); !done) return done;
    }
    for (const std::string& path : running.children("/")) {
        if (!name_of(path).starts_with("hat") || theirs.has(path)) continue;
        if (auto done = copy_node(running, path, theirs, 0); !done) return done;
    }
    return {};
}

}  // namespace

Status carry_over(const Tree& running, Tree& theirs) {
    const std::vector<std::string> addresses{"local-mac-address", "mac-address",
                                             "local-bd-address"};
    for (const auto& step : {carry_memory, carry_reserved_memory, carry_identity, carry_chosen}) {
        if (auto done = step(running, theirs); !done) return done;
    }
    for (const char* const alias : {"ethernet0", "ethernet1", "wifi0", "bluetooth"}) {
        if (auto done = carry_alias(running, theirs, alias, addresses); !done) return done;
    }
    return carry_board(running, theirs, "/", 0);
}

}  // namespace bootwire::devicetree
