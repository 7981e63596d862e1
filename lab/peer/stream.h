// TCP streams for the programs of this folder: blocking, with deadlines.
#pragma once

#include <chrono>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "os/fd.h"

namespace bootwire::peer {

/// Listens on "ADDRESS:PORT" or "[ADDRESS]:PORT"; port 0 takes a free one.
Result<Fd> listen_on(const std::string& where);
/// Connects to the same; patience bounds connecting and each later read and write.
Result<Fd> connect_to(const std::string& where, std::chrono::seconds patience);
/// The address that a listening socket has got, as text for connect_to.
std::string local_address(int fd);
void set_patience(int fd, std::chrono::seconds patience);

/// Sends in pieces of this many bytes, each in a segment of its own as far as TCP allows.
Status send_in_pieces(int fd, Bytes bytes, size_t piece);

}  // namespace bootwire::peer
