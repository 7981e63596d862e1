#include "devicetree/regions.h"

namespace bootwire::devicetree {

namespace {

constexpr uint32_t most_cells = 2;
constexpr size_t bytes_per_cell = 4;
// Raspberry Pi's firmware cuts there, too. Nobody has so much memory that there would be more
// pieces.
constexpr uint64_t largest_piece = 0x80000000;
constexpr size_t most_pieces = 1024;

bool are_usable(RegionCells cells) {
    return cells.address >= 1 && cells.address <= most_cells && cells.size >= 1 &&
           cells.size <= most_cells;
}

uint64_t take(std::string_view& value, uint32_t cells) {
    uint64_t number = 0;
    for (; cells > 0; --cells) {
        number = number << 32 | cell_at(value, 0).value_or(0);
        value.remove_prefix(bytes_per_cell);
    }
    return number;
}

void put(std::string& value, uint64_t number, uint32_t cells) {
    while (cells > 0)
        value += cell(static_cast<uint32_t>(number >> (32 * --cells)));
}

bool fits(uint64_t number, uint32_t cells) {
    return cells == most_cells || number <= UINT32_MAX;
}

}  // namespace

RegionCells region_cells(const Tree& tree, const std::string& parent) {
    const auto said = [&](const char* name, uint32_t otherwise) {
        return cell_at(tree.property(parent, name).value_or(""), 0).value_or(otherwise);
    };
    const RegionCells by_default;
    return {said("#address-cells", by_default.address), said("#size-cells", by_default.size)};
}

Result<std::string> in_other_cells(std::string_view regions, RegionCells from, RegionCells to) {
    if (from == to) return std::string(regions);
    if (!are_usable(from) || !are_usable(to)) return fail("numbers of that size are not known");
    const size_t length = bytes_per_cell * (from.address + from.size);
    if (regions.size() % length != 0) return fail("a region is not whole");
    std::string changed;
    size_t pieces = 0;
    while (!regions.empty()) {
        uint64_t address = take(regions, from.address);
        uint64_t size = take(regions, from.size);
        do {
            const uint64_t piece = fits(size, to.size) ? size : largest_piece;
            if (!fits(address, to.address)) return fail("an address is too large");
            if (++pieces > most_pieces) return fail("there are too many regions");
            put(changed, address, to.address);
            put(changed, piece, to.size);
            address += piece;
            size -= piece;
        } while (size > 0);
    }
    return changed;
}

}  // namespace bootwire::devicetree
