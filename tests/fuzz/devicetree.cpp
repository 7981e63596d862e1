// Trees and overlays from a disk: the first bytes say how long the tree is, an overlay and a
// parameter follow; declarations of parameters may also come without a tree. What is taken can be
// changed, merged, carried over and packed, and is a tree then. The overlay is also the map of
// overlays.
#include <cstdlib>
#include <string_view>

#include "devicetree/carry_over.h"
#include "devicetree/declarations.h"
#include "devicetree/overlay.h"
#include "devicetree/overlay_map.h"
#include "devicetree/parameters.h"
#include "devicetree/shipped.h"

namespace {

/// Every file is the same.
struct OneFile : bootwire::bootfiles::Folder {
    std::string bytes;
    bool exists(const std::string&) const override { return true; }
    bootwire::Result<std::string> read(const std::string&, size_t) const override { return bytes; }
    std::vector<std::string> list(const std::string&) const override { return {}; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace bootwire::devicetree;
    if (size < 3) return 0;
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    const size_t length = static_cast<size_t>(data[0]) << 8 | data[1];
    const size_t name = data[2] & 31;
    rest.remove_prefix(3);
    const std::string parameter(rest.substr(0, name));
    rest.remove_prefix(parameter.size());
    if (const auto declared = parse_declarations(rest)) {
        for (const Declaration& declaration : *declared)
            (void)value_for(declaration, parameter);
    }
    auto tree = Tree::parse(rest.substr(0, length));
    if (!tree) return 0;
    (void)set_parameter(*tree, parameter);
    auto other = Tree::parse(rest.substr(std::min(length, rest.size())));
    if (other) {
        (void)set_parameter(*other, parameter);
        (void)overlay_on_chip(*other, parameter, chip_of(*tree));
        Tree merged = *tree;
        (void)merged.apply(*other);
        OneFile folder;
        folder.bytes = other->pack();
        Tree configured = *tree;
        if (!apply_changes(configured, {{parameter + ".dtbo", {parameter}}}, folder)) std::abort();
        if (!Tree::parse(configured.pack())) std::abort();
        Tree carried = *tree;
        const auto shipped = shipped_tree(rest, *other);
        (void)carry_over(*other, shipped ? *shipped : std::nullopt, carried);
        if (!Tree::parse(carried.pack())) std::abort();
    }
    if (!Tree::parse(tree->pack())) std::abort();
    return 0;
}
