#include "session/kernel_cmd_sn.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cstring>

#include "iscsi/pdu.h"
#include "os/fd.h"

namespace bootwire::session {

namespace {

constexpr int patience_ms = 2000;  // for what takes less than one
constexpr size_t cmd_sn_offset = 24;

/// The keeper may be needed before the booted system has done it.
void bring_up_loopback(const Fd& socket) {
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    if (ioctl(socket.get(), SIOCGIFFLAGS, &request) != 0 || (request.ifr_flags & IFF_UP) != 0) {
        return;
    }
    request.ifr_flags |= IFF_UP;
    ioctl(socket.get(), SIOCSIFFLAGS, &request);
}

bool readable_soon(const Fd& socket) {
    pollfd polled{socket.get(), POLLIN, 0};
    return poll(&polled, 1, patience_ms) > 0;
}

struct Ends {
    Fd ours;
    Fd kernels;
};

/// Two ends of a TCP connection on the loopback interface.
Result<Ends> connect_to_ourselves() {
    const auto failed = [] { return fail_errno("cannot connect to ourselves"); };
    Fd listening(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!listening.valid()) return failed();
    bring_up_loopback(listening);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const name = reinterpret_cast<sockaddr*>(&address);
    if (bind(listening.get(), name, length) != 0 || listen(listening.get(), 8) != 0 ||
        getsockname(listening.get(), name, &length) != 0) {
        return failed();
    }
    Ends ends;
    ends.kernels.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!ends.kernels.valid()) return failed();
    const timeval patience{patience_ms / 1000, 0};  // should a firewall be in the way even here
    setsockopt(ends.kernels.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in own{};
    auto* const own_name = reinterpret_cast<sockaddr*>(&own);
    length = sizeof own;
    if (connect(ends.kernels.get(), name, sizeof address) != 0 ||
        getsockname(ends.kernels.get(), own_name, &length) != 0) {
        return failed();
    }
    while (readable_soon(listening)) {
        sockaddr_in peer{};
        length = sizeof peer;
        ends.ours.reset(
            accept4(listening.get(), reinterpret_cast<sockaddr*>(&peer), &length, SOCK_CLOEXEC));
        // Anybody on this machine may connect, from any of its addresses; only one of them is us.
        if (ends.ours.valid() && peer.sin_port == own.sin_port &&
            peer.sin_addr.s_addr == own.sin_addr.s_addr) {
            return ends;
        }
    }
    return fail("cannot connect to ourselves: nothing arrives");
}

Result<uint32_t> read_cmd_sn(const Fd& socket) {
    iscsi::Bhs header;
    size_t size = 0;
    while (size < header.size() && readable_soon(socket)) {
        const ssize_t count = recv(socket.get(), &header[size], header.size() - size, 0);
        if (count <= 0) break;
        size += static_cast<size_t>(count);
    }
    if (size < header.size()) return fail("the kernel does not send its sequence number");
    return load_be32(&header[cmd_sn_offset]);
}

}  // namespace

Result<uint32_t> kernel_cmd_sn(KernelInitiator& kernel, const KernelSession& session) {
    auto ends = connect_to_ourselves();
    if (!ends) return std::unexpected(ends.error());
    if (auto bound = kernel.bind_connection(session, ends->kernels.get()); !bound) {
        return std::unexpected(bound.error());
    }
    ends->kernels.reset();
    const iscsi::Bhs login = iscsi::LoginRequestPdu{}.encode();
    const auto sent = kernel.send_pdu(session, login, {});
    auto number = sent ? read_cmd_sn(ends->ours) : std::unexpected(sent.error());
    const auto stopped = kernel.stop_connection(session, StopReason::recover);
    if (!stopped) return std::unexpected(stopped.error());
    return number;
}

}  // namespace bootwire::session
