#include "keeper/access_watch.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "base/text.h"

namespace bootwire::keeper {

namespace {

constexpr uint32_t group_kernel = 1;  // udevd tells its own in group 2
constexpr size_t largest_uevent = 4096;

}  // namespace

Fd open_uevents() {
    Fd fd(socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = group_kernel;
    const auto* const name = reinterpret_cast<const sockaddr*>(&address);
    if (!fd.valid() || bind(fd.get(), name, sizeof address) != 0) return {};
    return fd;
}

bool says_access_changed(std::string_view uevent, uint32_t sid) {
    const std::string session = "/session" + std::to_string(sid) + "/";
    bool ours = false, changed = false;
    for (const std::string_view line : split(uevent, '\0')) {
        ours |= line.starts_with("DEVPATH=") && line.find(session) != line.npos;
        changed |= line == "SDEV_UA=ASYMMETRIC_ACCESS_STATE_CHANGED";
    }
    return ours && changed;
}

AccessWatch::AccessWatch(EventLoop& loop, Fd uevents, uint32_t sid, Tell tell)
    : loop_(loop), uevents_(std::move(uevents)), sid_(sid), tell_(std::move(tell)) {
    if (uevents_.valid()) loop_.watch(uevents_.get(), [this] { receive(); });
}

AccessWatch::~AccessWatch() {
    if (uevents_.valid()) loop_.unwatch(uevents_.get());
}

void AccessWatch::receive() {
    bool changed = false;
    for (int i = 0; i < EventLoop::most_at_once; ++i) {
        std::array<char, largest_uevent> text;
        sockaddr_nl from{};
        socklen_t length = sizeof from;
        const ssize_t count = recvfrom(uevents_.get(), text.data(), text.size(), MSG_DONTWAIT,
                                       reinterpret_cast<sockaddr*>(&from), &length);
        if (count < 0 && (errno == EINTR || errno == ENOBUFS)) continue;
        if (count <= 0) break;
        if (from.nl_pid != 0) continue;  // not the kernel's
        changed |= says_access_changed({text.data(), static_cast<size_t>(count)}, sid_);
    }
    if (changed) tell_();
}

}  // namespace bootwire::keeper
