// A kernel with a device tree of its own, for a kexec that has no argument for one: an Image of
// ours that carries kernel, initramfs and tree, and whose first instructions start that kernel with
// that tree. (kexec_load(2), which would take a tree, needs CONFIG_SUSPEND on arm64.) No I/O.
// Source: the kernel's Documentation/arch/arm64/booting.rst.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "devicetree/tree.h"
#include "kexec/kernel_image.h"

namespace bootwire::kexec {

/// Bytes at a place in the carrying Image; what is between pieces does not matter.
struct Piece {
    uint64_t offset = 0;
    std::string_view bytes;
};

struct Carrier {
    std::string head;  ///< the first piece: header and instructions
    std::string tree;  ///< the last one
    uint64_t kernel_offset = 0;
    uint64_t initramfs_offset = 0;
    uint64_t tree_offset = 0;
    uint64_t size = 0;  ///< bytes in memory

    std::vector<Piece> pieces(std::string_view kernel, std::string_view initramfs) const;
};

/// The tree gets the command line, room for the initramfs's place, and seeds; what an earlier kexec
/// has left in it goes. Fails if the kernel's header makes no sense, if tree or initramfs are too
/// large, and if there is a NUL in the command line.
Result<Carrier> make_carrier(const KernelImage& kernel, size_t initramfs_size,
                             devicetree::Tree tree, std::string_view command_line,
                             std::string_view random);

}  // namespace bootwire::kexec
