#include "session/kernel_socket.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "os/fd.h"

namespace bootwire::session {

namespace {

constexpr uint32_t group_iscsid = 1;  // ISCSI_NL_GRP_ISCSID
constexpr size_t largest_message = 64 * 1024;

class NetlinkSocket final : public KernelSocket {
  public:
    explicit NetlinkSocket(Fd fd) : fd_(std::move(fd)) {}

    int fd() const override { return fd_.get(); }

    int send(Bytes datagram) override {
        const ssize_t sent = ::send(fd_.get(), datagram.data(), datagram.size(), 0);
        return sent < 0 ? errno : 0;
    }

    bool receive(std::vector<uint8_t>& datagram) override {
        datagram.resize(largest_message);
        for (;;) {
            const ssize_t count = recv(fd_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT);
            // ENOBUFS: notifications were lost; whoever waits for one also looks at sysfs.
            if (count < 0 && (errno == EINTR || errno == ENOBUFS)) continue;
            datagram.resize(count < 0 ? 0 : static_cast<size_t>(count));
            return count >= 0;
        }
    }

    Result<std::unique_ptr<KernelSocket>> another() const override {
        return open_kernel_socket(Creator::process);
    }

  private:
    Fd fd_;
};

}  // namespace

Result<std::unique_ptr<KernelSocket>> open_kernel_socket(Creator creator) {
    Fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ISCSI));
    if (!fd.valid()) return fail_errno("cannot talk to the kernel's iSCSI initiator");
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_pid = static_cast<uint32_t>(creator);
    address.nl_groups = group_iscsid;
    if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        return fail_errno("cannot talk to the kernel's iSCSI initiator");
    }
    return std::make_unique<NetlinkSocket>(std::move(fd));
}

}  // namespace bootwire::session
