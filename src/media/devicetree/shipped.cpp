#include "devicetree/shipped.h"

#include <algorithm>

namespace bootwire::devicetree {

namespace {

constexpr size_t size_at = 4;  // "totalsize" in the header (Devicetree Specification 0.4, 5.2)

/// How many properties of a tree have another value in the other one, or none.
size_t differences(const Tree& tree, const Tree& other, const std::string& path) {
    size_t count = 0;
    const Properties others = other.values(path);
    for (const auto& [name, value] : tree.values(path)) {
        const auto same = others.find(name);
        if (same == others.end() || same->second != value) ++count;
    }
    for (const std::string& child : tree.children(path))
        count += differences(tree, other, child);
    return count;
}

}  // namespace

Result<std::optional<Tree>> shipped_tree(std::string_view trees, const Tree& running) {
    const auto board = running.property("/", "compatible");
    std::optional<Tree> nearest;
    size_t distance = 0;
    while (!trees.empty()) {
        const size_t size = cell_at(trees, size_at).value_or(0);
        if (size == 0 || size > trees.size()) return fail("a tree in it is cut off");
        auto tree = Tree::parse(trees.substr(0, size));
        if (!tree) return std::unexpected(tree.error());
        trees.remove_prefix(size);
        if (!board || tree->property("/", "compatible") != board) continue;
        const size_t differs = differences(*tree, running, "/");
        if (nearest && differs >= distance) continue;
        nearest = std::move(*tree);
        distance = differs;
    }
    return nearest;
}

}  // namespace bootwire::devicetree
