// The way to the kernel's iSCSI initiator: datagrams of NETLINK_ISCSI, the kernel's answers and
// what it tells without being asked. In tests, a kernel of their own.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace bootwire::session {

/// What the kernel notes as the `creator` of the sessions made here (in sysfs): the netlink port
/// that asked for them.
enum class Creator : uint32_t {
    process = 0,  ///< a port that the kernel chooses; usually the process's number
    /// -1, as of sessions that firmware brought along: open-iscsi's iscsid, which stops every other
    /// session that it finds and logs in anew, leaves these alone, and iscsiadm doesn't end them.
    firmware = 0xffffffff,
};

class KernelSocket {
  public:
    KernelSocket() = default;
    KernelSocket(const KernelSocket&) = delete;
    KernelSocket& operator=(const KernelSocket&) = delete;
    virtual ~KernelSocket() = default;

    /// Readable when a datagram waits.
    virtual int fd() const = 0;
    /// The kernel has answered when this returns (iscsi_if_rx): its answer waits already, possibly
    /// behind what it had to tell before. 0, or a number of errno's.
    virtual int send(Bytes datagram) = 0;
    /// The next datagram that waits. False if none does; never blocks.
    virtual bool receive(std::vector<uint8_t>& datagram) = 0;
    /// One more, for another process.
    virtual Result<std::unique_ptr<KernelSocket>> another() const = 0;
};

/// Only one process at a time can be Creator::firmware.
Result<std::unique_ptr<KernelSocket>> open_kernel_socket(Creator creator);

}  // namespace bootwire::session
