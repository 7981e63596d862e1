// Where the keeper can be asked: a UNIX stream socket in /run, which the booted OS has too. A
// request is one line of text; the answer (see answer.h) is text until the keeper closes the
// connection.
#pragma once

#include <chrono>
#include <cstddef>

namespace bootwire::control {

inline constexpr char socket_path[] = "/run/bootwire/control";
/// Bytes of a request, its line end included.
inline constexpr size_t longest_request = 256;
/// Bytes of an answer.
inline constexpr size_t longest_answer = 64 * 1024;
/// After this the answer to "reconnect" is that the session is not back yet.
inline constexpr std::chrono::seconds longest_reconnect{30};

}  // namespace bootwire::control
