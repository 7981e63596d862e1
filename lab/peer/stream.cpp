#include "stream.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "os/clock.h"

namespace bootwire::peer {

namespace {

struct FreeAddresses {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Result<Addresses> resolve(const std::string& where) {
    const size_t colon = where.rfind(':');
    if (colon == where.npos) return fail("\"" + where + "\" is not ADDRESS:PORT");
    std::string host = where.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const int error = getaddrinfo(host.c_str(), where.c_str() + colon + 1, &hints, &list);
    if (error != 0) return fail("\"" + where + "\": " + gai_strerror(error));
    return Addresses(list);
}

Status send_all(int fd, Bytes bytes) {
    while (!bytes.empty()) {
        const ssize_t count = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return fail_errno("cannot send");
        bytes = bytes.subspan(static_cast<size_t>(count));
    }
    return {};
}

}  // namespace

Result<Fd> listen_on(const std::string& where) {
    const auto addresses = resolve(where);
    if (!addresses) return std::unexpected(addresses.error());
    const addrinfo& address = **addresses;
    Fd fd(socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (!fd.valid() || bind(fd.get(), address.ai_addr, address.ai_addrlen) != 0 ||
        listen(fd.get(), 16) != 0) {
        return fail_errno("cannot listen on " + where);
    }
    return fd;
}

Result<Fd> connect_to(const std::string& where, std::chrono::seconds patience) {
    const auto addresses = resolve(where);
    if (!addresses) return std::unexpected(addresses.error());
    const addrinfo& address = **addresses;
    Fd fd(socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd.valid()) return fail_errno("cannot make a socket");
    set_patience(fd.get(), patience);
    if (connect(fd.get(), address.ai_addr, address.ai_addrlen) != 0) {
        return fail_errno("cannot connect to " + where);
    }
    return fd;
}

std::string local_address(int fd) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    char host[NI_MAXHOST] = "";
    char port[NI_MAXSERV] = "";
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (getsockname(fd, generic, &length) != 0 ||
        getnameinfo(generic, length, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return {};
    }
    const std::string name(host);
    return (name.find(':') == name.npos ? name : "[" + name + "]") + ":" + port;
}

void set_patience(int fd, std::chrono::seconds patience) {
    const timeval limit{static_cast<time_t>(patience.count()), 0};
    const int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

Status send_in_pieces(int fd, Bytes bytes, size_t piece) {
    while (!bytes.empty()) {
        const size_t count = std::min(piece, bytes.size());
        if (auto status = send_all(fd, bytes.first(count)); !status) return status;
        bytes = bytes.subspan(count);
        sleep_for(std::chrono::milliseconds(1));
    }
    return {};
}

}  // namespace bootwire::peer
