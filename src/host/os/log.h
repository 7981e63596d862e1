// The lines a person reads while the Pi boots: `[init]   1234 ms  text`. Where they go is set once
// at start (serial and screen alike for init, the kernel's log for the keeper).
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace bootwire::log {

enum class Severity { info, warning, failure };

/// What a line is about, where somebody shows such lines alone.
enum class Subject : uint8_t {
    other,
    dhcp,  ///< what servers say, and what is waited for from them
};

/// One line, in parts: "[program] text", where text begins with the time.
struct Line {
    Severity severity;
    std::string_view program;
    std::string_view text;
    std::string_view whole{};  ///< without line end
    Subject subject{};
};

/// Receives each line.
using Sink = void (*)(const Line& line);

/// program: the word in brackets. Without a sink, lines go to standard error.
void start(std::string_view program, Sink sink);
/// Hands each further line to this receiver too, after the sink; an empty function ends that. What
/// the receiver itself logs does not come back to it.
void copy_to(std::function<void(const Line&)> receiver);

/// Text from outside goes through printable() first.
void info(std::string_view text);
/// Something is not as it should be, and boot goes on: "warning: …".
void warning(std::string_view text);
/// Boot cannot go on like this: "failed: …".
void failure(std::string_view text);
/// The first two, about something.
void info_about(Subject subject, std::string_view text);
void warning_about(Subject subject, std::string_view text);

}  // namespace bootwire::log
