// A TCP connection that carries PDUs, as the programs of this folder use it: owned, with room for
// whatever targets and initiators send each other, and errors in words.
#pragma once

#include <chrono>
#include <optional>

#include "base/error.h"
#include "net/pdu_stream.h"
#include "os/fd.h"

namespace bootwire::peer {

/// The longest data segment that is passed on.
inline constexpr size_t max_data = 2 << 20;

class Connection {
  public:
    /// patience: for an answer in read().
    Connection(Fd socket, std::chrono::seconds patience);

    int fd() const { return socket_.get(); }
    void use_digests(iscsi::Digests digests) { pdus_.use_digests(digests); }
    /// Sends in pieces of this many bytes, without digests; 0, the default, at once.
    void split_output(size_t piece) { piece_ = piece; }

    /// The next PDU, valid until the next call; an error if the peer closes or sends nonsense.
    Result<iscsi::PduView> read();
    /// As read(), but without waiting: nothing if the PDU is not whole yet. For use with poll(2).
    Result<std::optional<iscsi::PduView>> read_ready();
    /// Additional header segments of the PDU read last.
    Bytes additional_header() const { return pdus_.additional_header(); }
    Status write(iscsi::BhsView header, Bytes data, Bytes additional_header = {});

  private:
    Status write_in_pieces(iscsi::BhsView header, Bytes data, Bytes additional_header);

    Fd socket_;
    std::chrono::seconds patience_;
    net::PduStream pdus_;
    size_t piece_ = 0;
};

}  // namespace bootwire::peer
