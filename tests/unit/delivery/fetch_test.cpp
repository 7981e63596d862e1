#include "delivery/fetch.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/socket_address.h"
#include "os/clock.h"
#include "tftp/packet.h"

namespace bootwire::delivery {
namespace {

using namespace std::chrono_literals;

/// A socket of this machine on a port of its own.
struct Server {
    Fd socket;
    uint16_t port = 0;

    explicit Server(int type) : socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
        auto address = net::socket_address({IpAddress::v4(127, 0, 0, 1), 0});
        EXPECT_EQ(bind(socket.get(), address.pointer(), address.length), 0);
        if (type == SOCK_STREAM) listen(socket.get(), 1);
        getsockname(socket.get(), address.pointer(), &address.length);
        port = net::endpoint_of(address)->port;
    }
    std::string url(const std::string& scheme, const std::string& host = "127.0.0.1") const {
        return scheme + "://" + host + ":" + std::to_string(port) + "/pi/m";
    }
};

/// What came of fetching it while the server was served.
struct Fetched {
    std::string file;
    Fetch::Outcome outcome;

    Fetched(const std::string& url, const std::function<void()>& serve, uint64_t most = 100'000) {
        const pid_t server = fork();
        if (server == 0) {
            serve();
            _exit(0);
        }
        EventLoop loop;
        bool ended = false;
        Fetch fetch(loop, *Url::parse(url), {}, most,
                    {[this](Bytes bytes) -> Status {
                         file += text_of(bytes);
                         return {};
                     },
                     [&](const Fetch::Outcome& what) {
                         outcome = what;
                         ended = true;
                     }});
        for (const Moment limit = now() + 20s; !ended && now() < limit;)
            loop.run_once(now() + 1s);
        EXPECT_TRUE(ended);
        waitpid(server, nullptr, 0);
    }
    std::string why() const { return outcome.status ? "" : outcome.status.error().to_string(); }
};

std::vector<uint8_t> packet(uint16_t code, uint16_t number, const std::string& content) {
    std::vector<uint8_t> bytes(4);
    store_be16(&bytes[0], code);
    store_be16(&bytes[2], number);
    bytes.insert(bytes.end(), content.begin(), content.end());
    return bytes;
}

/// Answers each packet that comes at the socket by one of these, from another port: the transfer's.
void answer(const Server& server, const std::vector<std::vector<uint8_t>>& packets) {
    Server transfer(SOCK_DGRAM);
    const Fd* from = &server.socket;
    for (const auto& bytes : packets) {
        uint8_t buffer[2048];
        net::SocketAddress peer;
        peer.length = sizeof peer.storage;
        if (recvfrom(from->get(), buffer, sizeof buffer, 0, peer.pointer(), &peer.length) < 4)
            return;
        from = &transfer.socket;
        sendto(from->get(), bytes.data(), bytes.size(), 0, peer.pointer(), peer.length);
    }
}

TEST(Fetching, over_tftp_goes_on_with_the_port_that_has_answered) {
    const Server server(SOCK_DGRAM);
    const Fetched fetched(server.url("tftp"), [&] {
        answer(server, {packet(3, 1, std::string(512, 'a')), packet(3, 2, "end")});
    });
    EXPECT_EQ(fetched.why(), "");
    EXPECT_EQ(fetched.file, std::string(512, 'a') + "end");
}

TEST(Fetching, over_tftp_says_that_there_is_no_such_file) {
    const Server server(SOCK_DGRAM);
    const Fetched fetched(server.url("tftp"),
                          [&] { answer(server, {tftp::build_failure(1, "no")}); });
    EXPECT_EQ(fetched.why(), "there is no such file");
    EXPECT_TRUE(fetched.outcome.absent);
}

void serve_http(const Server& server, const std::string& answer) {
    const Fd client(accept(server.socket.get(), nullptr, nullptr));
    char request[1024];
    if (recv(client.get(), request, sizeof request, 0) < 10) return;
    (void)!write(client.get(), answer.data(), answer.size());
}

TEST(Fetching, over_http_takes_the_body) {
    const Server server(SOCK_STREAM);
    const std::string body(90'000, 'x');
    const Fetched fetched(server.url("http"), [&] {
        serve_http(server, "HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n" + body);
    });
    EXPECT_EQ(fetched.why(), "");
    EXPECT_EQ(fetched.file, body);
}

TEST(Fetching, over_http_says_what_the_server_says) {
    const Server server(SOCK_STREAM);
    const Fetched fetched(server.url("http"),
                          [&] { serve_http(server, "HTTP/1.1 404 Not Found\r\n\r\n"); });
    EXPECT_EQ(fetched.why(), "there is no such file");
    EXPECT_TRUE(fetched.outcome.absent);
}

TEST(Fetching, from_where_nobody_listens_may_work_later) {
    const std::string url = [] { return Server(SOCK_STREAM).url("http"); }();
    const Fetched fetched(url, [] {});
    EXPECT_EQ(fetched.why(), "cannot connect: Connection refused");
    EXPECT_EQ(fetched.outcome.status.error().remedy, Remedy::waiting_helps);
}

TEST(Fetching, from_a_name_that_nobody_knows_says_so) {
    const Fetched fetched("http://nas.lan/m", [] {});
    EXPECT_FALSE(fetched.outcome.status);
    EXPECT_FALSE(fetched.outcome.absent);
}

}  // namespace
}  // namespace bootwire::delivery
