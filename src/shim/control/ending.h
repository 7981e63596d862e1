// What the keeper is told of the machine's end. The verbs are those of board/ending.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bootwire::control {

/// A file with the name of a verb that appears in this folder says that the booted OS has begun to
/// end, and how. Whoever makes it needs no program from the disk to do so.
inline constexpr char ending_folder[] = "/run/bootwire/ending";

/// Requests to the keeper, from root alone. The first says what a file in that folder says; the
/// second, that the file systems are unmounted and the session is to end: the keeper answers, with
/// what became of it, when that is done. A verb follows each. The first is answered by "noted" and
/// the name of the disk, "sda".
inline constexpr std::string_view ending_request = "ending ";
inline constexpr std::string_view noted = "noted";
std::string noted_answer(std::string_view disk);
/// The disk's name in that answer; nothing if the text is no such answer, or has no name of a disk.
std::optional<std::string> disk_of_noted_answer(std::string_view answer);
inline constexpr std::string_view log_out_request = "log-out ";
/// From a person, by way of bootwirectl: the machine is to end even though the OS can't, since its
/// disk is away. A verb follows; the answer is a control::Answer.
inline constexpr std::string_view end_anyway_request = "end-anyway ";

}  // namespace bootwire::control
