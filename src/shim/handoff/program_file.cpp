#include "handoff/program_file.h"

#include <algorithm>
#include <cstdint>

#include "base/bytes.h"
#include "base/text.h"
#include "topics/topic.h"

namespace bootwire::handoff {

namespace {

constexpr std::string_view elf_magic =
    "\x7f"
    "ELF";
constexpr size_t longest_path = 255;

/// Where the fields are, for 32 and for 64 bits (System V gABI, figures 4-3 and 5-1).
struct Layout {
    size_t table_offset, entry_size, entry_count;  // in the file's header
    size_t place, size;                            // in an entry of the program header table
    bool wide;
};
constexpr Layout layout32{28, 42, 44, 4, 16, false};
constexpr Layout layout64{32, 54, 56, 8, 32, true};

const uint8_t* at(std::string_view head, uint64_t offset) {
    return reinterpret_cast<const uint8_t*>(head.data()) + offset;
}

/// Nothing beyond the end.
std::optional<uint64_t> number(std::string_view head, uint64_t offset, size_t size) {
    if (offset > head.size() || head.size() - offset < size) return std::nullopt;
    const uint8_t* const bytes = at(head, offset);
    return size == 2 ? load_le16(bytes) : size == 4 ? load_le32(bytes) : load_le64(bytes);
}

std::optional<std::string> absolute(std::string_view path) {
    if (!path.starts_with('/') || path.size() > longest_path || path.contains('\0')) {
        return std::nullopt;
    }
    return std::string(path);
}

std::optional<std::string> of_script(std::string_view line) {
    line = line.substr(0, line.find('\n'));
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    return absolute(line.substr(0, line.find_first_of(" \t\r")));
}

std::optional<std::string> of_executable(std::string_view head) {
    constexpr uint64_t interpreter = 3;  // PT_INTERP
    constexpr uint64_t most_entries = 64;
    const Layout& layout = head.size() > 4 && head[4] == 2 ? layout64 : layout32;
    const size_t word = layout.wide ? 8 : 4;
    const auto table = number(head, layout.table_offset, word);
    const auto entry_size = number(head, layout.entry_size, 2);
    const auto entries = number(head, layout.entry_count, 2);
    if (!table || !entry_size || !entries || *table > head.size()) return std::nullopt;
    for (uint64_t i = 0; i < std::min(*entries, most_entries); ++i) {
        const uint64_t entry = *table + i * *entry_size;
        const auto type = number(head, entry, 4);
        const auto place = number(head, entry + layout.place, word);
        const auto size = number(head, entry + layout.size, word);
        if (!type || !place || !size) return std::nullopt;
        if (*type != interpreter) continue;
        if (*place > head.size() || *size == 0 || *size > head.size() - *place) return std::nullopt;
        return absolute(head.substr(*place, *size - 1));  // it ends with a zero byte
    }
    return std::nullopt;
}

}  // namespace

Status check_program_header(std::string_view head, const std::string& path) {
    if (head.starts_with("#!")) return {};
    // ELF header: class at 4, data encoding at 5, e_machine at 18 (System V gABI).
    if (!head.starts_with(elf_magic) || head.size() < 20) {
        return fail(printable(path) + " on the root disk is neither a program nor a script");
    }
    const uint16_t machine = load_le16(reinterpret_cast<const uint8_t*>(head.data()) + 18);
    constexpr uint16_t arm = 40, aarch64 = 183, x86_64 = 62, x86 = 3, riscv = 243;
    switch (machine) {
        case arm:
        case aarch64:
            return {};
        case x86_64:
        case x86:
            return about(Topic::wrong_architecture,
                         fail("the system on this disk is for PCs, not for a Raspberry Pi",
                              "write an arm64 or armhf image to the disk"));
        case riscv:
            return about(Topic::wrong_architecture,
                         fail("the system on this disk is for RISC-V, not for a Raspberry Pi",
                              "write an arm64 or armhf image to the disk"));
        default:
            return about(Topic::wrong_architecture,
                         fail(printable(path) + " is for machine type " + std::to_string(machine) +
                                  ", which no Raspberry Pi can run",
                              "write an arm64 or armhf image to the disk"));
    }
}

std::optional<std::string> interpreter_of(std::string_view head) {
    if (head.starts_with("#!")) return of_script(head.substr(2));
    if (head.starts_with(elf_magic)) return of_executable(head);
    return std::nullopt;
}

}  // namespace bootwire::handoff
