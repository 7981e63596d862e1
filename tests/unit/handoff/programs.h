// Programs as far as the handoff looks at them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace bootwire::handoff {

inline std::string elf_header(unsigned machine) {
    std::string head = std::string("\x7f") + "ELF" + std::string(60, '\0');
    head[18] = static_cast<char>(machine);
    return head;
}

inline void put(std::string& bytes, size_t at, uint64_t value, size_t size) {
    for (size_t i = 0; i < size; ++i)
        bytes[at + i] = static_cast<char>(value >> 8 * i);
}

/// A 64-bit program with two entries in its table, of which the second names the loader.
inline std::string dynamic_program(const std::string& loader) {
    std::string bytes = elf_header(183) + std::string(2 * 56, '\0') + loader + '\0';
    bytes[4] = 2;
    put(bytes, 32, 64, 8);      // e_phoff
    put(bytes, 54, 56, 2);      // e_phentsize
    put(bytes, 56, 2, 2);       // e_phnum
    put(bytes, 64 + 56, 3, 4);  // p_type: PT_INTERP
    put(bytes, 64 + 56 + 8, 64 + 2 * 56, 8);
    put(bytes, 64 + 56 + 32, loader.size() + 1, 8);
    return bytes;
}

}  // namespace bootwire::handoff
