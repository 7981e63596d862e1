// PDUs over a connected socket, for those who wait and for those who must not. Nothing behind the
// current PDU is ever read: what follows the last one of a login is for the kernel.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <vector>

#include "base/time.h"
#include "iscsi/frame.h"
#include "iscsi/text_keys.h"

namespace bootwire::net {

/// Why a stream is of no further use.
struct StreamProblem {
    enum class Kind : uint8_t {
        closed,          ///< by the other end
        silent,          ///< no whole PDU came for as long as one was waited for
        cannot_receive,  ///< error
        cannot_send,     ///< error
        takes_no_more,   ///< the socket, without waiting
        unreadable,      ///< frame: a PDU is too long, or a digest wrong
    };
    Kind kind = Kind::closed;
    int error = 0;  ///< a number of errno's
    iscsi::FrameState frame = iscsi::FrameState::ready;

    /// The other end is gone: it has closed the connection, or reset it.
    bool is_end() const;
};

template <class T>
using StreamResult = std::expected<T, StreamProblem>;

class PduStream {
  public:
    /// socket: not owned, and left as it is. longest_data: bytes that a received PDU may carry.
    explicit PduStream(int socket, size_t longest_data = iscsi::login_data_length);
    PduStream(const PduStream&) = delete;
    PduStream& operator=(const PduStream&) = delete;

    /// Holds for all PDUs from now on, in both directions.
    void use_digests(iscsi::Digests digests);

    /// Waits until the socket has taken all, as long as it does itself (SO_SNDTIMEO).
    StreamResult<void> send(iscsi::BhsView header, Bytes data, Bytes additional_header = {});
    /// The same without waiting: a few kilobytes into an empty buffer fit, or something is wrong.
    StreamResult<void> try_send(iscsi::BhsView header, Bytes data);

    /// The next PDU, valid until the next call of this or try_receive(); `silent` if it is not
    /// whole within this time: a byte now and then is no answer. on_progress is called at least
    /// every second meanwhile.
    StreamResult<iscsi::PduView> receive(
        Milliseconds within, const std::function<void()>& on_progress = [] {});
    /// The same without waiting: nothing if the PDU is not whole yet.
    StreamResult<std::optional<iscsi::PduView>> try_receive();
    /// Additional header segments of the PDU received last.
    Bytes additional_header() const { return frames_.additional_header(); }

  private:
    StreamResult<void> send_frame(iscsi::BhsView header, Bytes data, Bytes additional_header,
                                  int flags);
    bool wait_for_bytes(Moment deadline, const std::function<void()>& on_progress) const;

    int socket_;
    iscsi::Digests digests_;
    std::vector<uint8_t> storage_;
    iscsi::FrameReader frames_;
};

}  // namespace bootwire::net
