// The kernel's iSCSI initiator, driven over NETLINK_ISCSI. Source of the protocol: the kernel's
// include/scsi/iscsi_if.h and drivers/scsi/scsi_transport_iscsi.c.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "session/kernel_socket.h"

namespace bootwire::session {

/// A session in the kernel, with its one connection (cid 0) and its SCSI host.
struct KernelSession {
    uint32_t sid = 0;
    uint32_t host = 0;  ///< N of /sys/class/scsi_host/hostN
};

/// enum iscsi_param of iscsi_if.h, as far as we set them.
enum class Parameter : uint32_t {
    max_recv_data_segment_length = 0,
    max_xmit_data_segment_length = 1,
    header_digest = 2,
    data_digest = 3,
    initial_r2t = 4,
    max_outstanding_r2t = 5,
    immediate_data = 6,
    first_burst_length = 7,
    max_burst_length = 8,
    data_pdu_in_order = 9,
    data_sequence_in_order = 10,
    error_recovery_level = 11,
    exp_stat_sn = 14,
    target_name = 15,
    target_portal_group_tag = 16,
    persistent_address = 17,
    persistent_port = 18,
    recovery_timeout = 19,  ///< seconds; negative: I/O waits for ever
    fast_abort = 26,
    abort_timeout = 27,
    lun_reset_timeout = 28,
    ping_timeout = 30,   ///< seconds until an unanswered NOP-Out ends the connection
    ping_interval = 31,  ///< "recv_tmo": seconds of silence until a NOP-Out is sent
    interface_name = 32,
    initiator_name = 34,
    target_reset_timeout = 35,
};

/// Why a connection is stopped (STOP_CONN_* in iscsi_if.h).
enum class StopReason : uint32_t {
    terminate = 1,  ///< the session ends
    recover = 3,    ///< the session goes on over a new connection; I/O waits
};

/// What the kernel tells without being asked.
struct KernelEvent {
    enum class Kind { connection_error, received_pdu, session_unbound, other };

    Kind kind = Kind::other;
    uint32_t sid = 0;
    uint32_t error = 0;                ///< of connection_error: enum iscsi_err, 1001…1022
    std::array<uint8_t, 48> header{};  ///< of received_pdu
    std::vector<uint8_t> data;         ///< of received_pdu
};

class KernelInitiator {
  public:
    /// Only one process at a time can be Creator::firmware.
    static Result<KernelInitiator> open(Creator creator = Creator::process);
    /// A second one, without looking into /sys again.
    Result<KernelInitiator> another() const;
    /// transport: the kernel's handle of iscsi_tcp.
    KernelInitiator(std::unique_ptr<KernelSocket> socket, uint64_t transport)
        : socket_(std::move(socket)), transport_(transport) {}

    /// initial_cmd_sn: the CmdSN of the first command after login, if the login runs outside the
    /// kernel. cmds_max: a power of two.
    Result<KernelSession> create_session(uint32_t initial_cmd_sn, uint16_t cmds_max = 128,
                                         uint16_t queue_depth = 32);
    Status create_connection(const KernelSession& session);
    /// Hands a connected TCP socket to the kernel, which takes its own reference: the caller closes
    /// its descriptor afterwards.
    Status bind_connection(const KernelSession& session, int socket);
    /// Numbers in decimal. A parameter that this kernel does not know is no error.
    Status set_parameter(const KernelSession& session, Parameter parameter,
                         const std::string& value);
    Status start_connection(const KernelSession& session);
    Status stop_connection(const KernelSession& session, StopReason reason);
    /// Removes the session's SCSI devices, which writes out their caches. Does not wait for it: an
    /// event tells when it is done.
    Status unbind_session(const KernelSession& session);
    Status destroy_connection(const KernelSession& session);
    Status destroy_session(const KernelSession& session);
    /// Sends one login, text or logout PDU; the kernel fills in CmdSN and ExpStatSN.
    Status send_pdu(const KernelSession& session, Bytes header, Bytes data);

    /// Readable when an event waits there; has_queued_event() tells of those that were read before.
    int fd() const { return socket_->fd(); }
    /// The next event, in order; never blocks.
    std::optional<KernelEvent> next_event();
    /// The event in a datagram of the kernel's that is no answer: of kind `other` if it is none
    /// that we know; nothing if the datagram is shorter than its header says, or than any. data is
    /// never longer than the PDU's header says.
    static std::optional<KernelEvent> decode_event(Bytes datagram);
    /// Has an event come with the answer to a request, so that fd() may not be readable for it?
    bool has_queued_event() const { return !events_.empty(); }

  private:
    struct Message;

    Status request(Message& message, Bytes attached, const std::string& what);
    Status request_done(Message& message, Bytes attached, const std::string& what);

    std::unique_ptr<KernelSocket> socket_;
    uint64_t transport_;
    std::deque<KernelEvent> events_;
};

/// An iscsi_err of the kernel in words, for the log.
std::string connection_error_text(uint32_t error);
/// Of enum iscsi_err, of a kernel with our patch 0005: a command of the disk's was answered with
/// NOT READY, standby or unavailable (ALUA).
inline constexpr uint32_t port_takes_no_io = 1009;
/// The target has not answered a ping in time.
inline constexpr uint32_t ping_not_answered = 1022;

}  // namespace bootwire::session
