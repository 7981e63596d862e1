#include "delivery/fetch.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "net/socket_address.h"
#include "net/tcp.h"
#include "os/clock.h"

namespace bootwire::delivery {

namespace {

using namespace std::chrono_literals;

constexpr Milliseconds between_looks = 50ms;  // while a name is looked up
constexpr Milliseconds connects_within = 10s;
constexpr Milliseconds goes_on_within = 15s;
constexpr uint16_t http_port = 80;
constexpr size_t largest_piece = 64 * 1024;

}  // namespace

Fetch::Fetch(EventLoop& loop, const Url& url, const net::NameServers& name_servers, uint64_t most,
             Owner owner)
    : loop_(loop), url_(url), most_(most), owner_(std::move(owner)) {
    if (const auto address = IpAddress::parse(url_.host)) {
        begin(*address);
    } else {
        look_up_.emplace(name_servers, url_.host, [](std::string_view) {});
        look_up();
    }
}

Fetch::~Fetch() {
    if (socket_.valid()) loop_.unwatch(socket_.get());
    loop_.move(timer_, std::nullopt, {});
}

void Fetch::look_up() {
    look_up_->go_on();
    const auto& outcome = look_up_->outcome();
    if (!outcome) return loop_.move(timer_, now() + between_looks, [this] { look_up(); });
    if (!*outcome) return end(std::unexpected(outcome->error()));
    begin((*outcome)->front());
}

void Fetch::begin(const IpAddress& address) {
    const bool over_tftp = url_.scheme == "tftp";
    server_ = {address, url_.port.value_or(over_tftp ? tftp::server_port : http_port)};
    if (over_tftp) {
        begin_tftp();
    } else {
        connect();
    }
}

void Fetch::begin_tftp() {
    const int family = server_.address.is_v4() ? AF_INET : AF_INET6;
    socket_.reset(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket_.valid()) return end(fail_errno("no socket"));
    download_.emplace(tftp::Request{url_.path.substr(1), most_});
    loop_.watch(socket_.get(), [this] { receive_packets(); });
    carry_out(download_->start(now()));
}

void Fetch::receive_packets() {
    for (int i = 0; i < EventLoop::most_at_once && download_->next_deadline(); ++i) {
        uint8_t buffer[2048];
        net::SocketAddress from;
        from.length = sizeof from.storage;
        const ssize_t count =
            recvfrom(socket_.get(), buffer, sizeof buffer, 0, from.pointer(), &from.length);
        if (count < 0) return;
        const auto sender = net::endpoint_of(from);
        if (!sender || sender->address != server_.address) continue;
        const bool asking = download_->state() == tftp::Download::State::asking;
        if (!asking && sender->port != server_.port) continue;
        const auto step =
            download_->on_packet(Bytes(buffer).first(static_cast<size_t>(count)), now());
        // RFC 1350 section 4: each transfer has a port of its own.
        if (asking && download_->state() != tftp::Download::State::asking) {
            server_.port = sender->port;
        }
        carry_out(step);
    }
}

void Fetch::carry_out(const tftp::Download::Step& step) {
    if (taken_ && !step.data.empty()) taken_ = owner_.take(step.data);
    if (!taken_) return end(taken_);
    if (!step.send.empty()) {
        // What cannot be sent is like what gets lost.
        const net::SocketAddress to = net::socket_address(server_);
        (void)sendto(socket_.get(), step.send.data(), step.send.size(), MSG_NOSIGNAL, to.pointer(),
                     to.length);
    }
    if (download_->state() == tftp::Download::State::done) return end({});
    if (download_->state() == tftp::Download::State::failed) {
        return end(std::unexpected(download_->error()), download_->absent());
    }
    loop_.move(timer_, download_->next_deadline(),
               [this] { carry_out(download_->on_timer(now())); });
}

void Fetch::connect() {
    auto socket = net::begin_connect(server_);
    if (!socket) return end(fail_errno(socket.error(), "cannot connect"));
    socket_ = std::move(*socket);
    loop_.watch(socket_.get(), [this] { request(); }, POLLOUT);
    await(connects_within, "the server does not answer");
}

void Fetch::request() {
    if (const auto connected = net::finish_connect(socket_); !connected) {
        return end(
            fail_for_now("cannot connect: " + std::string(std::strerror(connected.error()))));
    }
    const std::string text = http::build_request(url_.authority(), url_.path);
    if (send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT) !=
        static_cast<ssize_t>(text.size())) {
        return end(fail_for_now("cannot ask"));
    }
    response_.emplace(most_);
    loop_.watch(socket_.get(), [this] { receive_stream(); });
    await(goes_on_within, "the server has stopped sending");
}

void Fetch::receive_stream() {
    static uint8_t buffer[largest_piece];
    const ssize_t count = recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count < 0) return end(fail_for_now("the connection broke off"));
    if (count == 0) return end(response_->end());
    const auto read =
        response_->take(Bytes(buffer).first(static_cast<size_t>(count)), [this](Bytes bytes) {
            if (taken_) taken_ = owner_.take(bytes);
        });
    if (!read) return end(read, response_->absent());
    if (!taken_) return end(taken_);
    if (response_->done()) return end({});
    await(goes_on_within, "the server has stopped sending");
}

void Fetch::await(Milliseconds longest, std::string what) {
    loop_.move(timer_, now() + longest,
               [this, what = std::move(what)] { end(fail_for_now(what)); });
}

void Fetch::end(Status status, bool absent) {
    if (socket_.valid()) loop_.unwatch(socket_.get());
    loop_.move(timer_, now(), [this, outcome = Outcome{std::move(status), absent}] {
        // This object may be gone before that returns.
        const auto ended = owner_.ended;
        const Outcome copy = outcome;
        ended(copy);
    });
}

}  // namespace bootwire::delivery
