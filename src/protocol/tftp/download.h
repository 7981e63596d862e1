// A TFTP client that reads one file (RFC 1350), with block size, size and window (RFC 2348, 2349,
// 7440) where the server knows them. It does no I/O and reads no clock.
//
//     Download download(request);
//     carry_out(download.start(now));
//     while (download.state() is asking or receiving)
//         wait for a packet or download.next_deadline(), and tell the download.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"
#include "tftp/packet.h"

namespace bootwire::tftp {

struct Request {
    std::string path;
    uint64_t most = 0;  ///< bytes of the file; more is a failure
    /// Of data in a packet. With its headers this one fits into an Ethernet frame that a tunnel or
    /// a VLAN has taken some bytes of.
    uint16_t block_size = 1428;
    /// Blocks that come for one acknowledgement. Few enough that what else is read over the same
    /// link has its turn.
    uint16_t window = 16;
};

class Download {
  public:
    enum class State : uint8_t {
        asking,     ///< nothing has come: whatever port answers is the transfer's
        receiving,  ///< from the port that has answered, and from no other
        done,
        failed,
    };
    /// To be carried out in this order; either may be empty.
    struct Step {
        Bytes data{};                 ///< the next bytes of the file, of the packet that was given
        std::vector<uint8_t> send{};  ///< to the server
    };

    explicit Download(Request request) : request_(std::move(request)) {}

    Step start(Moment now);
    /// A packet of the server's. What makes no sense is passed over.
    Step on_packet(Bytes packet, Moment now);
    /// next_deadline() has come; harmless when it has not.
    Step on_timer(Moment now);
    /// Nothing once it is over.
    std::optional<Moment> next_deadline() const { return deadline_; }

    State state() const { return state_; }
    uint64_t received() const { return received_; }
    /// Why it has failed. Time may help unless the server has said no.
    const Error& error() const { return error_; }
    /// Has it failed because the server has no such file?
    bool absent() const { return absent_; }

  private:
    Step ask(Moment now);
    Step acknowledge(Moment now);
    Step take(const Data& data, Moment now);
    Step take(const OptionsTaken& taken, Moment now);
    Step take(const Failure& failure, Moment now);
    Step refuse(uint16_t code, std::string what);
    void end(State state);

    Request request_;
    State state_ = State::asking;
    bool with_options_ = true;
    uint16_t block_size_ = 512;  // RFC 1350's
    uint16_t window_ = 1;
    uint16_t last_ = 0;       // block that came in its order
    uint16_t in_window_ = 0;  // such blocks since the last acknowledgement
    bool gap_told_ = false;   // one of them is missing, and the server knows
    uint64_t received_ = 0;
    unsigned tries_ = 0;  // since something came
    std::optional<Moment> deadline_;
    Error error_;
    bool absent_ = false;
};

}  // namespace bootwire::tftp
