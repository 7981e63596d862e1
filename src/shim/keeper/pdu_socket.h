// PDUs over a connected socket that the kernel does not have yet, without waiting for them.
#pragma once

#include <optional>
#include <vector>

#include "base/error.h"
#include "iscsi/frame.h"
#include "os/fd.h"

namespace bootwire::keeper {

class PduSocket {
  public:
    /// Takes no ownership: the socket goes on to the kernel.
    explicit PduSocket(int socket);
    PduSocket(const PduSocket&) = delete;
    PduSocket& operator=(const PduSocket&) = delete;

    /// Holds for all PDUs from now on, in both directions.
    void use_digests(iscsi::Digests digests);
    Status send(const iscsi::Bhs& header, Bytes data);
    /// Reads what has come, but nothing behind the current PDU. The PDU if it is complete then,
    /// valid until the next call.
    Result<std::optional<iscsi::PduView>> receive();

  private:
    int socket_;
    iscsi::Digests digests_;
    std::vector<uint8_t> storage_;
    iscsi::FrameReader frames_;
};

}  // namespace bootwire::keeper
