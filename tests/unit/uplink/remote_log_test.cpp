#include "uplink/remote_log.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "net/socket_address.h"

namespace bootwire::uplink {
namespace {

TEST(SyslogMessage, is_as_rfc_5424_has_it_with_the_time_left_open) {
    EXPECT_EQ(syslog_message("pi4", {log::Severity::info, "init", "  1234 ms  eth0: link is up"}),
              "<134>1 - pi4 bootwire init - - 1234 ms  eth0: link is up");
    EXPECT_EQ(syslog_message("pi4", {log::Severity::warning, "init", "1 ms  warning: odd"}),
              "<132>1 - pi4 bootwire init - - 1 ms  warning: odd");
    EXPECT_EQ(syslog_message("", {log::Severity::failure, "bootwire-keeper", "2 ms  failed: x"}),
              "<131>1 - - bootwire bootwire-keeper - - 2 ms  failed: x");
}

TEST(SyslogMessage, has_a_header_that_a_name_cannot_break) {
    EXPECT_EQ(syslog_message("a b\n\xff", {log::Severity::info, "in it", "text"}),
              "<134>1 - ab bootwire init - - text");
    const std::string long_text(5000, 'x');
    EXPECT_EQ(syslog_message(long_text, {log::Severity::info, "init", long_text}).size(), 1024u);
    EXPECT_EQ(syslog_message("pi", {log::Severity::info, "init", "   "}),
              "<134>1 - pi bootwire init - - ");
}

/// A log server on the loopback.
class Receiver {
  public:
    Receiver() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        net::SocketAddress address = net::socket_address({IpAddress::v4(127, 0, 0, 1), 0});
        EXPECT_EQ(bind(socket_.get(), address.pointer(), address.length), 0);
        address.length = sizeof address.storage;
        getsockname(socket_.get(), address.pointer(), &address.length);
        port = net::endpoint_of(address)->port;
    }

    /// The end of the next message's text; empty if there is none.
    std::string next() const {
        char buffer[2048];
        const ssize_t count = recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
        if (count < 0) return {};
        const std::string message(buffer, static_cast<size_t>(count));
        return message.substr(message.find(" - - ") + 5);
    }

    uint16_t port = 0;

  private:
    Fd socket_;
};

void say(RemoteLog& log, const std::string& text) {
    log.add({log::Severity::info, "init", text});
}

TEST(RemoteLog, sends_what_was_said_before_there_was_a_server) {
    const Receiver server;
    RemoteLog log;
    say(log, "one");
    say(log, "two");
    EXPECT_EQ(server.next(), "");
    log.open({{{"127.0.0.1", server.port}}, "pi", {}});
    say(log, "three");
    EXPECT_EQ(server.next(), "one");
    EXPECT_EQ(server.next(), "two");
    EXPECT_EQ(server.next(), "three");
    EXPECT_EQ(server.next(), "");
}

TEST(RemoteLog, sends_nothing_twice_when_the_network_comes_back) {
    const Receiver server;
    const Receiver another;
    RemoteLog log;
    say(log, "one");
    log.open({{{"127.0.0.1", server.port}}, "pi", {}});
    EXPECT_EQ(server.next(), "one");
    log.open({{{"127.0.0.1", server.port}, {"127.0.0.1", another.port}}, "pi", {}});
    say(log, "two");
    EXPECT_EQ(server.next(), "two");
    EXPECT_EQ(another.next(), "one");
    EXPECT_EQ(another.next(), "two");
}

TEST(RemoteLog, keeps_the_last_five_hundred_lines) {
    const Receiver server;
    RemoteLog log;
    for (int i = 0; i < 600; ++i)
        say(log, std::to_string(i));
    log.open({{{"127.0.0.1", server.port}}, "pi", {}});
    EXPECT_EQ(server.next(), "100");
}

TEST(RemoteLog, is_not_stopped_by_a_server_without_address) {
    const Receiver server;
    RemoteLog log;
    // The name server is one that never answers: a socket that nobody reads.
    log.open(
        {{{"logs", 514}, {"127.0.0.1", server.port}}, "pi", {{IpAddress::v4(127, 0, 0, 9)}, ""}});
    say(log, "one");
    EXPECT_EQ(server.next(), "one");
}

TEST(RemoteLog, tells_another_process_the_addresses_that_it_knows) {
    RemoteLog log;
    log.open({{{"127.0.0.1", 1514}, {"logs", 514}}, "pi", {{IpAddress::v4(127, 0, 0, 9)}, ""}});
    const RemoteLogSettings settings = log.settings();
    ASSERT_EQ(settings.servers.size(), 2u);
    EXPECT_EQ(settings.servers[0].host, "127.0.0.1");
    EXPECT_EQ(settings.servers[1].host, "logs");
    EXPECT_EQ(settings.own_name, "pi");
}

}  // namespace
}  // namespace bootwire::uplink
