// Memory and registers of a process that stands still because somebody watches it (ptrace(2)).
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bootwire {

/// One that has just become a program: its stack is as the kernel hands it over (argc, argv,
/// environment, auxiliary vector). 64-bit programs, and 32-bit ones on arm64.
class StoppedProcess {
  public:
    /// Nothing if its registers are not known.
    static std::optional<StoppedProcess> look_at(pid_t process);

    /// What execve(2) was given.
    std::string program_path() const;
    /// Has it call execve(2) next: program, with program_path() and what arguments come after the
    /// first one. False if that cannot be.
    bool call_execve(const std::string& program);
    /// As it was before.
    void restore() const;

  private:
    /// Where things are among a kind's registers, by their number.
    struct Kind {
        size_t bytes;  // of all of them
        size_t word;   // bytes of each
        size_t stack, next, call;
        std::array<size_t, 3> arguments;
        uint64_t execve;
        uint64_t system_call;  // the instruction
        size_t flags;          // if not 0: of these this one means another instruction
        uint64_t flag;
        uint64_t other_system_call;
        size_t restarted_call;  // if not 0: to be -1, so that the kernel repeats none
    };
    using Registers = std::array<uint8_t, 512>;

    StoppedProcess(pid_t process, const Kind& kind, const Registers& registers);
    uint64_t get(size_t number) const;
    static void set(Registers& registers, const Kind& kind, size_t number, uint64_t value);
    void write_registers(Registers registers) const;
    uint64_t word_at(uint64_t address) const;
    uint64_t argument_count() const { return word_at(get(kind_->stack)); }
    uint64_t argument_at(uint64_t number) const;
    uint64_t environment() const;
    uint64_t path_address() const;

    static const Kind known_kinds[];

    pid_t process_;
    const Kind* kind_;
    Registers registers_;
    uint64_t code_ = 0;  // at its next instruction
};

}  // namespace bootwire
