// A kernel's header, a command line and a tree: what carries them has each at a place of its own,
// says so itself, and its instructions write nowhere but into the tree's two cells.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "devicetree/tree.h"
#include "kexec/carrier.h"

using namespace bootwire;
using devicetree::Tree;

namespace {

constexpr size_t operands_at = 64 + 34 * 4;
constexpr size_t nowhere_at = operands_at + 6 * 8;
constexpr uint64_t two_mib = 2 << 20;

uint64_t number(const std::string& bytes, size_t at) {
    return load_le64(bytes_of(bytes).data() + at);
}

void check_places(const kexec::Carrier& carrier, const kexec::KernelImage& kernel,
                  uint64_t initramfs_size) {
    const uint64_t image_size = std::max<uint64_t>(kernel.header.image_size, kernel.bytes.size());
    if (carrier.kernel_offset % two_mib != kernel.header.text_offset) std::abort();
    if (carrier.kernel_offset < carrier.head.size()) std::abort();
    if (carrier.initramfs_offset < carrier.kernel_offset + image_size) std::abort();
    if (carrier.tree_offset < carrier.initramfs_offset + initramfs_size) std::abort();
    if (carrier.size < carrier.tree_offset + carrier.tree.size()) std::abort();
    if (carrier.tree_offset % two_mib != 0 || carrier.initramfs_offset % 4096 != 0) std::abort();
    if (carrier.size > uint64_t{4} << 30) std::abort();

    const std::string& head = carrier.head;
    const auto header = kexec::read_image_header(bytes_of(head));
    const bool too_large = carrier.size > kexec::largest_image;  // for a kernel that stands alone
    if (!header && !too_large) std::abort();
    if (header && (header->image_size != carrier.size || header->text_offset != 0)) std::abort();
    if (number(head, operands_at) != carrier.kernel_offset) std::abort();
    if (number(head, operands_at + 8) != carrier.tree_offset) std::abort();
    if (number(head, operands_at + 16) != carrier.initramfs_offset) std::abort();
    if (number(head, operands_at + 24) != initramfs_size) std::abort();
}

void check_tree(const kexec::Carrier& carrier, std::string_view command_line, bool has_initramfs) {
    std::string patched = carrier.tree;
    int written = 0;
    for (const auto& [at, value] :
         {std::pair{operands_at + 32, "startsat"}, std::pair{operands_at + 40, "ends.at."}}) {
        const uint64_t place = number(carrier.head, at);
        if (place == nowhere_at) continue;
        const uint64_t offset = place - carrier.tree_offset;
        if (place < carrier.tree_offset || offset + 8 > patched.size() || offset % 4 != 0) {
            std::abort();
        }
        patched.replace(offset, 8, value);
        ++written;
    }
    if (written != (has_initramfs ? 2 : 0)) std::abort();
    const auto tree = Tree::parse(patched);
    if (!tree) std::abort();
    if (tree->property("/chosen", "bootargs") != std::string(command_line) + '\0') std::abort();
    for (const auto& [name, value] :
         {std::pair{"linux,initrd-start", "startsat"}, std::pair{"linux,initrd-end", "ends.at."}}) {
        const auto found = tree->property("/chosen", name);
        if (found.has_value() != has_initramfs) std::abort();
        if (found && *found != value) std::abort();
    }
    for (const char* name :
         {"linux,elfcorehdr", "linux,usable-memory-range", "linux,booted-from-kexec"}) {
        if (tree->property("/chosen", name)) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    // In little-endian order: offset, size and flags as in a kernel's header, the initramfs's size;
    // then lengths of command line and seeds, those, and the tree.
    constexpr size_t fixed = 32 + 3;
    if (size < fixed) return 0;
    std::string_view rest(reinterpret_cast<const char*>(data) + fixed, size - fixed);
    const auto take = [&](size_t length) {
        const std::string_view taken = rest.substr(0, length);
        rest.remove_prefix(taken.size());
        return taken;
    };
    kexec::KernelImage kernel;
    kernel.header = {load_le64(data), load_le64(data + 8), 4096};
    kernel.bytes.assign(100, 'k');
    kernel.bytes.replace(24, 8, reinterpret_cast<const char*>(data) + 16, 8);
    kernel.bytes[24] &= 0x0e;  // no other kernel is read (read_image_header)
    const uint64_t initramfs_size = load_le64(data + 24);
    const std::string_view command_line = take(load_le16(data + 32) & 0xfff);
    const std::string_view random = take(data[34]);
    auto tree = Tree::parse(rest);
    if (!tree) return 0;
    const auto carrier =
        kexec::make_carrier(kernel, initramfs_size, std::move(*tree), command_line, random);
    if (!carrier) {
        if (carrier.error().what.empty()) std::abort();
        return 0;
    }
    if (command_line.contains('\0')) std::abort();
    check_places(*carrier, kernel, initramfs_size);
    check_tree(*carrier, command_line, initramfs_size > 0);
    return 0;
}
