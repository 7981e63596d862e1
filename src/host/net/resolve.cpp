#include "net/resolve.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "net/socket_address.h"
#include "os/clock.h"
#include "os/event_loop.h"
#include "os/random.h"

namespace bootwire::net {

namespace {

using namespace std::chrono_literals;

constexpr uint16_t dns_port = 53;
constexpr size_t largest_answer = 4096;

}  // namespace

LookUp::LookUp(const NameServers& name_servers, const std::string& host,
               std::function<void(std::string_view)> tell)
    : state_({name_servers.servers, name_servers.search_domain}, random_number),
      tell_(std::move(tell)) {
    perform(state_.start(host, now()));
}

void LookUp::go_on() {
    receive(v4_);
    receive(v6_);
    if (!outcome_) perform(state_.on_timer(now()));
}

void LookUp::wait() const {
    pollfd polled[] = {{v4_.get(), POLLIN, 0}, {v6_.get(), POLLIN, 0}};
    const std::optional<Moment> deadline = state_.next_deadline();
    const Milliseconds left = deadline ? *deadline - now() : 1000ms;
    poll(polled, 2, static_cast<int>(std::clamp<Milliseconds>(left, 0ms, 1000ms).count()));
}

std::vector<int> LookUp::sockets() const {
    std::vector<int> sockets;
    for (const Fd* socket : {&v4_, &v6_})
        if (socket->valid()) sockets.push_back(socket->get());
    return sockets;
}

void LookUp::perform(const dns::Actions& actions) {
    for (const dns::Action& action : actions) {
        if (const auto* send = std::get_if<dns::Send>(&action)) transmit(*send);
        if (const auto* found = std::get_if<dns::Resolved>(&action)) outcome_ = found->addresses;
        if (const auto* failed = std::get_if<dns::Failed>(&action)) {
            outcome_ = std::unexpected(failed->error);
        }
        if (const auto* event = std::get_if<dns::Event>(&action)) tell_(event->text);
    }
}

void LookUp::transmit(const dns::Send& send) {
    Fd& socket = send.to.is_v4() ? v4_ : v6_;
    const SocketAddress to = socket_address({send.to, dns_port});
    if (!socket.valid()) {
        socket.reset(::socket(to.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    }
    // What cannot be sent is like an answer that does not come.
    (void)sendto(socket.get(), send.payload.data(), send.payload.size(), MSG_NOSIGNAL, to.pointer(),
                 to.length);
}

void LookUp::receive(const Fd& socket) {
    for (int i = 0; i < EventLoop::most_at_once && socket.valid() && !outcome_; ++i) {
        uint8_t buffer[largest_answer];
        SocketAddress from;
        from.length = sizeof from.storage;
        const ssize_t count =
            recvfrom(socket.get(), buffer, sizeof buffer, 0, from.pointer(), &from.length);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return;
        const auto sender = endpoint_of(from);
        if (!sender || sender->port != dns_port) continue;
        perform(state_.on_packet(sender->address, Bytes(buffer).first(static_cast<size_t>(count)),
                                 now()));
    }
}

Result<std::vector<IpAddress>> resolve_all(const NameServers& name_servers, const std::string& host,
                                           const std::function<void()>& on_progress) {
    LookUp look_up(name_servers, host);
    while (!look_up.outcome()) {
        look_up.wait();
        on_progress();
        look_up.go_on();
    }
    return *look_up.outcome();
}

Result<IpAddress> resolve(const NameServers& name_servers, const std::string& host,
                          const std::function<void()>& on_progress) {
    const auto all = resolve_all(name_servers, host, on_progress);
    if (!all) return std::unexpected(all.error());
    return all->front();
}

}  // namespace bootwire::net
