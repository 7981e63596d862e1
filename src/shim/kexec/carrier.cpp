#include "kexec/carrier.h"

#include <algorithm>
#include <array>

namespace bootwire::kexec {

namespace {

constexpr uint64_t alignment = 2 << 20;   // of a kernel, before its text_offset
constexpr uint64_t page_size = 64 << 10;  // the largest there is
constexpr uint64_t text_page = 4 << 10;   // what a text_offset is a multiple of
constexpr uint64_t largest_initramfs = 1 << 30;
constexpr size_t header_size = 64;
constexpr size_t flags_at = 24;  // in the header: page size, byte order
constexpr uint32_t image_magic = 0x644d5241;

/// x4: where this Image is. Everything else is found from there.
constexpr std::array<uint32_t, 34> instructions{
    0x10fffe04,  // adr  x4, the header
    0x58000460,  // ldr  x0, tree
    0x8b040000,  // add  x0, x0, x4
    0x58000461,  // ldr  x1, initramfs
    0x8b040021,  // add  x1, x1, x4
    0x580004a2,  // ldr  x2, its begin in the tree
    0x8b040042,  // add  x2, x2, x4
    0xdac00c25,  // rev  x5, x1            trees are big-endian
    0xb9000045,  // str  w5, [x2]          in halves: cells are at multiples of 4
    0xd360fca5,  // lsr  x5, x5, #32
    0xb9000445,  // str  w5, [x2, #4]
    0x580003a3,  // ldr  x3, its size
    0x8b030021,  // add  x1, x1, x3
    0x580003e6,  // ldr  x6, its end in the tree
    0x8b0400c6,  // add  x6, x6, x4
    0xdac00c25,  // rev  x5, x1
    0xb90000c5,  // str  w5, [x6]
    0xd360fca5,  // lsr  x5, x5, #32
    0xb90004c5,  // str  w5, [x6, #4]
    0xd5033f9f,  // dsb  sy
    0xd50b7e22,  // dc   civac, x2         a cache may still have what was there before
    0x91001042,  // add  x2, x2, #4
    0xd50b7e22,  // dc   civac, x2
    0xd50b7e26,  // dc   civac, x6
    0x910010c6,  // add  x6, x6, #4
    0xd50b7e26,  // dc   civac, x6
    0xd5033f9f,  // dsb  sy
    0xd5033fdf,  // isb
    0x580000c5,  // ldr  x5, kernel
    0x8b0400a5,  // add  x5, x5, x4
    0xaa1f03e1,  // mov  x1, xzr
    0xaa1f03e2,  // mov  x2, xzr
    0xaa1f03e3,  // mov  x3, xzr
    0xd61f00a0,  // br   x5
};
constexpr uint32_t branch_over_header = 0x14000010;
constexpr size_t numbers_at = header_size + instructions.size() * 4;  // the instructions' operands
static_assert(numbers_at % 8 == 0, "without an MMU, memory is read at multiples of what is read");
constexpr size_t numbers_size = 6 * 8;
constexpr size_t nowhere_at = numbers_at + numbers_size;  // written to where there is no initramfs
constexpr size_t head_size = nowhere_at + 16;

void append(std::string& bytes, uint64_t value, size_t size) {
    for (size_t i = 0; i < size; ++i)
        bytes += static_cast<char>(value >> 8 * i);
}

uint64_t up_to(uint64_t value, uint64_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

Status prepare(devicetree::Tree& tree, size_t initramfs_size, std::string_view command_line,
               std::string_view random) {
    constexpr char chosen_node[] = "/chosen";
    for (const char* const name : {"linux,initrd-start", "linux,initrd-end", "linux,elfcorehdr",
                                   "linux,usable-memory-range", "linux,booted-from-kexec"}) {
        tree.remove(chosen_node, name);
    }
    Status done = tree.set(chosen_node, "bootargs", std::string(command_line) + '\0');
    const std::string place(8, '\0');
    if (done && initramfs_size > 0) done = tree.set(chosen_node, "linux,initrd-start", place);
    if (done && initramfs_size > 0) done = tree.set(chosen_node, "linux,initrd-end", place);
    if (done && random.size() >= 8) done = tree.set(chosen_node, "kaslr-seed", random.substr(0, 8));
    if (done && random.size() > 8) done = tree.set(chosen_node, "rng-seed", random.substr(8));
    return done;
}

std::string make_head(const Carrier& carrier, uint64_t flags, size_t initramfs_size) {
    std::string head;
    append(head, branch_over_header, 4);
    append(head, 0, 4);
    append(head, 0, 8);  // text_offset
    append(head, carrier.size, 8);
    append(head, flags, 8);
    head.append(24, '\0');
    append(head, image_magic, 4);
    append(head, 0, 4);
    for (const uint32_t instruction : instructions)
        append(head, instruction, 4);
    append(head, carrier.kernel_offset, 8);
    append(head, carrier.tree_offset, 8);
    append(head, carrier.initramfs_offset, 8);
    append(head, initramfs_size, 8);
    return head;
}

}  // namespace

std::vector<Piece> Carrier::pieces(std::string_view kernel, std::string_view initramfs) const {
    return {{0, head}, {kernel_offset, kernel}, {initramfs_offset, initramfs}, {tree_offset, tree}};
}

Result<Carrier> make_carrier(const KernelImage& kernel, size_t initramfs_size,
                             devicetree::Tree tree, std::string_view command_line,
                             std::string_view random) {
    const uint64_t image_size = std::max<uint64_t>(kernel.header.image_size, kernel.bytes.size());
    const uint64_t text_offset = kernel.header.text_offset;
    if (kernel.bytes.size() < header_size || text_offset >= alignment ||
        text_offset % text_page != 0 || image_size > 2 * largest_image) {
        return fail("the kernel's header makes no sense");
    }
    if (initramfs_size > largest_initramfs) return fail("the initramfs is impossibly large");
    if (command_line.contains('\0')) return fail("the kernel's command line ends in its middle");
    if (auto done = prepare(tree, initramfs_size, command_line, random); !done) {
        return std::unexpected(done.error());
    }
    Carrier carrier;
    carrier.tree = tree.pack();
    if (carrier.tree.size() > devicetree::largest_tree) {
        return fail("the device tree is larger than 2 MiB");
    }
    carrier.kernel_offset = alignment + text_offset;
    carrier.initramfs_offset = up_to(carrier.kernel_offset + image_size, page_size);
    // A kernel maps the 2 MiB in which its tree begins, and the next ones.
    carrier.tree_offset = up_to(carrier.initramfs_offset + initramfs_size, alignment);
    carrier.size = up_to(carrier.tree_offset + carrier.tree.size(), page_size);

    uint64_t flags = 0;
    for (size_t i = 8; i-- > 0;)
        flags = flags << 8 | static_cast<uint8_t>(kernel.bytes[flags_at + i]);
    carrier.head = make_head(carrier, flags, initramfs_size);
    for (const char* const name : {"linux,initrd-start", "linux,initrd-end"}) {
        const auto at = tree.offset_when_packed("/chosen", name);
        append(carrier.head, at ? carrier.tree_offset + *at : nowhere_at, 8);
    }
    carrier.head.resize(head_size, '\0');
    return carrier;
}

}  // namespace bootwire::kexec
