#include "control/server.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "control/address.h"
#include "os/clock.h"

namespace bootwire::control {

namespace {

using namespace std::chrono_literals;

/// So many of root, and so many of all others: nobody else can keep root from being heard.
constexpr size_t most_clients = 8;
constexpr Milliseconds patience = 10s;  // with a client that does not say or take anything

bool is_root(const Fd& socket) {
    ucred peer{};
    socklen_t length = sizeof peer;
    return getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && peer.uid == 0;
}

}  // namespace

Result<Fd> listen_at(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return fail(path + " is too long for a socket");
    std::memcpy(address.sun_path, path.data(), path.size());
    unlink(path.c_str());
    Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto* const name = reinterpret_cast<const sockaddr*>(&address);
    if (!socket.valid() || bind(socket.get(), name, sizeof address) != 0 ||
        chmod(path.c_str(), 0666) != 0 || listen(socket.get(), most_clients) != 0) {
        return fail_errno("cannot listen at " + path);
    }
    return socket;
}

Server::Server(EventLoop& loop, Fd listening, Handler handler)
    : loop_(loop), listening_(std::move(listening)), handler_(std::move(handler)) {
    loop_.watch(listening_.get(), [this] { accept_client(); });
}

Server::~Server() {
    while (!clients_.empty())
        drop(clients_.begin()->first);
    loop_.unwatch(listening_.get());
}

void Server::accept_client() {
    Fd socket(accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket.valid()) return;
    const bool from_root = is_root(socket);
    const auto is_alike = [from_root](const auto& entry) {
        return entry.second.from_root == from_root;
    };
    if (static_cast<size_t>(std::ranges::count_if(clients_, is_alike)) >= most_clients) return;
    const uint64_t id = ++last_id_;
    Client& client = clients_[id];
    client.from_root = from_root;
    client.socket = std::move(socket);
    client.deadline = loop_.at(now() + patience, [this, id] { drop(id); });
    loop_.watch(client.socket.get(), [this, id] { receive(id); });
}

void Server::receive(uint64_t id) {
    Client& client = clients_.at(id);
    char buffer[longest_request];
    const ssize_t count = recv(client.socket.get(), buffer, sizeof buffer, 0);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    // One that hangs up, or says more than it was asked to wait for, is let go.
    if (count <= 0) return drop(id);
    const auto state = client.request.add({buffer, static_cast<size_t>(count)});
    if (state == RequestReader::State::refused) return drop(id);
    if (state == RequestReader::State::incomplete) return;
    loop_.cancel(client.deadline);  // from here on it waits for us
    handler_({id, client.request.line(), client.from_root});
}

void Server::answer(uint64_t id, std::string text) {
    const auto found = clients_.find(id);
    if (found == clients_.end()) return;
    Client& client = found->second;
    client.unsent = std::move(text);
    client.deadline = loop_.at(now() + patience, [this, id] { drop(id); });
    loop_.watch(client.socket.get(), [this, id] { send(id); }, POLLOUT);
    send(id);
}

void Server::send(uint64_t id) {
    Client& client = clients_.at(id);
    while (!client.unsent.empty()) {
        const ssize_t sent =
            ::send(client.socket.get(), client.unsent.data(), client.unsent.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno == EAGAIN) return;
        if (sent < 0) break;
        client.unsent.erase(0, static_cast<size_t>(sent));
    }
    drop(id);
}

void Server::drop(uint64_t id) {
    const auto found = clients_.find(id);
    if (found == clients_.end()) return;
    loop_.cancel(found->second.deadline);
    loop_.unwatch(found->second.socket.get());
    clients_.erase(found);
}

}  // namespace bootwire::control
