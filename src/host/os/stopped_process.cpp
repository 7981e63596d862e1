#include "os/stopped_process.h"

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include <algorithm>
#include <cstring>

namespace bootwire {

namespace {

constexpr uint64_t most_entries = 4096;  // of what is on the stack: no circle, and no nonsense
constexpr size_t longest_path = 4096;
constexpr uint64_t room = 16384;  // below the stack, for what execve(2) is given

uint64_t peek(pid_t process, uint64_t address) {
    return static_cast<uint64_t>(ptrace(PTRACE_PEEKDATA, process, address, nullptr));
}

bool poke(pid_t process, uint64_t address, uint64_t word) {
    return ptrace(PTRACE_POKEDATA, process, address, word) == 0;
}

void append_word(std::string& block, size_t size, uint64_t word) {
    block.append(reinterpret_cast<const char*>(&word), size);  // little-endian, as all of these are
}

bool write_block(pid_t process, uint64_t at, std::string block) {
    block.resize((block.size() + 7) / 8 * 8);
    for (size_t i = 0; i < block.size(); i += 8) {
        uint64_t word = 0;
        std::memcpy(&word, block.data() + i, sizeof word);
        if (!poke(process, at + i, word)) return false;
    }
    return true;
}

}  // namespace

// NT_PRSTATUS of ptrace(2): struct user_pt_regs, compat_elf_gregset_t (arch/arm64), and
// user_regs_struct (arch/x86). The calls' numbers and registers: syscall(2).
const StoppedProcess::Kind StoppedProcess::known_kinds[] = {
#if defined(__aarch64__)
    {272, 8, 31, 32, 8, {0, 1, 2}, 221, 0xd4000001, 0, 0, 0, 0},
    {72, 4, 13, 15, 7, {0, 1, 2}, 11, 0xef000000, 16, 0x20, 0xdf00, 0},  // 0x20: Thumb
#elif defined(__x86_64__)
    {216, 8, 19, 16, 10, {14, 13, 12}, 59, 0x050f, 0, 0, 0, 15},
#endif
    {},
};

StoppedProcess::StoppedProcess(pid_t process, const Kind& kind, const Registers& registers)
    : process_(process), kind_(&kind), registers_(registers) {}

std::optional<StoppedProcess> StoppedProcess::look_at(pid_t process) {
    Registers registers{};
    iovec all{registers.data(), registers.size()};
    if (ptrace(PTRACE_GETREGSET, process, NT_PRSTATUS, &all) != 0) return std::nullopt;
    for (const Kind& kind : known_kinds) {
        if (kind.bytes == 0 || kind.bytes != all.iov_len) continue;
        StoppedProcess found(process, kind, registers);
        found.code_ = peek(process, found.get(kind.next));
        return found;
    }
    return std::nullopt;
}

uint64_t StoppedProcess::get(size_t number) const {
    uint64_t value = 0;
    std::memcpy(&value, registers_.data() + number * kind_->word, kind_->word);
    return value;
}

void StoppedProcess::set(Registers& registers, const Kind& kind, size_t number, uint64_t value) {
    std::memcpy(registers.data() + number * kind.word, &value, kind.word);
}

void StoppedProcess::write_registers(Registers registers) const {
    iovec all{registers.data(), kind_->bytes};
    ptrace(PTRACE_SETREGSET, process_, NT_PRSTATUS, &all);
}

uint64_t StoppedProcess::word_at(uint64_t address) const {
    const uint64_t word = peek(process_, address);
    return kind_->word == 8 ? word : word & 0xffffffff;
}

uint64_t StoppedProcess::argument_at(uint64_t number) const {
    return word_at(get(kind_->stack) + (1 + number) * kind_->word);
}

uint64_t StoppedProcess::environment() const {
    return get(kind_->stack) + (argument_count() + 2) * kind_->word;
}

uint64_t StoppedProcess::path_address() const {
    const size_t word = kind_->word;
    uint64_t at = environment();
    uint64_t left = most_entries;
    while (left > 0 && word_at(at) != 0) {
        at += word;
        --left;
    }
    for (at += word; left > 0 && word_at(at) != AT_NULL; at += 2 * word, --left) {
        if (word_at(at) == AT_EXECFN) return word_at(at + word);
    }
    return 0;
}

std::string StoppedProcess::program_path() const {
    std::string path;
    const uint64_t at = path_address();
    while (at != 0 && path.size() < longest_path) {
        const uint64_t word = peek(process_, at + path.size());
        const char* const bytes = reinterpret_cast<const char*>(&word);
        const size_t length = strnlen(bytes, sizeof word);
        path.append(bytes, length);
        if (length < sizeof word) return path;
    }
    return {};
}

bool StoppedProcess::call_execve(const std::string& program) {
    const uint64_t count = std::max<uint64_t>(argument_count(), 1);
    const uint64_t path = path_address();
    if (path == 0 || (count + 2) * kind_->word + program.size() + 16 > room) return false;
    const uint64_t arguments = (get(kind_->stack) - room) & ~uint64_t{15};
    const uint64_t text = arguments + (count + 2) * kind_->word;
    std::string block;
    append_word(block, kind_->word, text);
    append_word(block, kind_->word, path);
    for (uint64_t i = 1; i < count; ++i)
        append_word(block, kind_->word, argument_at(i));
    append_word(block, kind_->word, 0);
    block.append(program).push_back('\0');

    const bool other = kind_->flags != 0 && (get(kind_->flags) & kind_->flag) != 0;
    const uint64_t instruction = other ? kind_->other_system_call : kind_->system_call;
    const uint64_t code = (code_ & ~uint64_t{0xffffffff}) | instruction;
    if (!write_block(process_, arguments, block) || !poke(process_, get(kind_->next), code)) {
        return false;
    }
    Registers registers = registers_;
    set(registers, *kind_, kind_->call, kind_->execve);
    const std::array<uint64_t, 3> values{text, arguments, environment()};
    for (size_t i = 0; i < values.size(); ++i)
        set(registers, *kind_, kind_->arguments[i], values[i]);
    if (kind_->restarted_call != 0) set(registers, *kind_, kind_->restarted_call, ~uint64_t{0});
    write_registers(registers);
    return true;
}

void StoppedProcess::restore() const {
    poke(process_, get(kind_->next), code_);
    write_registers(registers_);
}

}  // namespace bootwire
