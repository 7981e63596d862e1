// A flattened device tree in memory, read and changed through libfdt. What it was made of may come
// from a disk and hold anything. No I/O. Source: the Devicetree Specification 0.4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace bootwire::devicetree {

/// arm64's kernel takes no larger one (Documentation/arch/arm64/booting.rst).
inline constexpr size_t largest_tree = 2 << 20;

/// Names and values.
using Properties = std::map<std::string, std::string, std::less<>>;

/// Paths are absolute: "/chosen", "/". Properties are bytes; numbers in them are big-endian.
class Tree {
  public:
    /// Fails if the bytes are not a whole tree, or larger than largest_tree, or if more than 32
    /// nodes are inside each other.
    static Result<Tree> parse(std::string_view bytes);

    bool has(const std::string& path) const;
    std::optional<std::string> property(const std::string& path, const std::string& name) const;
    /// The node's properties, and the paths of its children.
    Properties values(const std::string& path) const;
    std::vector<std::string> children(const std::string& path) const;
    /// The node's path from the root with all unit addresses, for one that may lack them or begin
    /// with an alias; empty if there is no such node.
    std::string full_path(const std::string& path) const;
    /// Where an alias leads to; empty if there is no such alias or node.
    std::string alias(const std::string& name) const;
    /// The path of the node with that phandle; empty if there is none.
    std::string with_phandle(uint32_t phandle) const;
    /// The number by which other nodes know this one; 0 if it has none, or is not there.
    uint32_t phandle(const std::string& path) const;
    /// 0 if no node has a number.
    Result<uint32_t> largest_phandle() const;

    /// Creates the node, and those above it, if it is not there.
    Status set(const std::string& path, const std::string& name, std::string_view value);
    /// Changes 4 bytes of a property; false if it does not have that many there.
    bool replace_cell(const std::string& path, const std::string& name, size_t offset,
                      uint32_t value);
    /// Nothing happens where there is no such property or node.
    void remove(const std::string& path, const std::string& name);
    void remove_node(const std::string& path);
    Status add_node(const std::string& path);
    /// Gives the node another name in its place.
    Status rename(const std::string& path, const std::string& name);
    /// Physical memory that nobody may touch (/memreserve/), as pairs of address and size.
    std::vector<std::pair<uint64_t, uint64_t>> reservations() const;
    Status add_reservation(uint64_t address, uint64_t size);

    /// Merges an overlay into this tree as Raspberry Pi's firmware does. The tree must have labels
    /// (__symbols__) for what the overlay names; one that is missing is named. After a failure this
    /// tree is of no use.
    Status apply(Tree overlay);

    /// The tree without room to spare.
    std::string pack() const;
    /// Where the property's value is in what pack() gives; nothing if there is no such property.
    std::optional<size_t> offset_when_packed(const std::string& path,
                                             const std::string& name) const;

  private:
    explicit Tree(std::string blob) : blob_(std::move(blob)) {}
    void* data() { return blob_.data(); }
    const void* data() const { return blob_.data(); }
    int node(const std::string& path) const;
    std::string path_at(int offset) const;

    std::string blob_;  // with room to grow
};

/// A number of 32 bits as a cell, and the other way round.
std::string cell(uint32_t value);
std::optional<uint32_t> cell_at(std::string_view value, size_t offset);

}  // namespace bootwire::devicetree
