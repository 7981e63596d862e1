// How the machine ends: in the words of systemd's shutdown programs, and for the kernel.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bootwire::board {

enum class Verb : uint8_t { reboot, poweroff, halt, kexec };

std::optional<Verb> parse_verb(std::string_view text);
std::string_view to_string(Verb verb);

/// reboot(2). Where no kernel is loaded, kexec is a reboot. Returns only if the kernel refuses.
void end_machine(Verb verb);

}  // namespace bootwire::board
