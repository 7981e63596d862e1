// A target on the loopback for tests, of the event loop's: takes every login, answers what is asked
// about the reservation of its disk, and logs out whom it is asked to.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "iscsi/pdu_scsi.h"
#include "net/pdu_stream.h"
#include "os/event_loop.h"
#include "os/fd.h"
#include "plan/values.h"
#include "recovery_fixture.h"
#include "reserving_target.h"

namespace bootwire::keeper {

class FakeTarget {
  public:
    /// note: is told of each request, in words.
    FakeTarget(EventLoop& loop, std::function<void(const std::string&)> note)
        : loop_(loop), note_(std::move(note)) {
        listen();
    }
    FakeTarget(const FakeTarget&) = delete;
    FakeTarget& operator=(const FakeTarget&) = delete;
    ~FakeTarget() { go_away(); }

    Endpoint endpoint() const { return {IpAddress::v4(127, 0, 0, 1), port_}; }
    plan::Portal portal() const { return {endpoint().address, port_}; }

    void hang_up() {
        for (const auto& [fd, connection] : connections_)
            loop_.unwatch(fd);
        connections_.clear();
    }
    /// From here on nobody listens there.
    void go_away() {
        hang_up();
        if (listening_.valid()) loop_.unwatch(listening_.get());
        listening_.reset();
    }
    void come_back() { listen(); }

    iscsi::ReservingTarget unit;
    uint8_t answer_to_logout = 0;
    uint32_t exp_cmd_sn = 0;   ///< after the last command
    std::string redirects_to;  ///< whoever wants to log in; nobody if empty

  private:
    struct Connection {
        Fd socket;
        net::PduStream pdus;
        int nexus;
        uint32_t stat_sn = 100;
        uint32_t exp_cmd_sn = 0;

        Connection(Fd fd, int number) : socket(std::move(fd)), pdus(socket.get()), nexus(number) {}
    };

    void listen() {
        listening_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        const int yes = 1;
        setsockopt(listening_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port_);
        socklen_t length = sizeof address;
        auto* const name = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(bind(listening_.get(), name, length), 0);
        EXPECT_EQ(::listen(listening_.get(), 8), 0);
        EXPECT_EQ(getsockname(listening_.get(), name, &length), 0);
        port_ = ntohs(address.sin_port);
        loop_.watch(listening_.get(), [this] { accept(); });
    }

    void accept() {
        Fd socket(accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!socket.valid()) return;
        const int fd = socket.get();
        connections_[fd] = std::make_unique<Connection>(std::move(socket), ++nexuses_);
        loop_.watch(fd, [this, fd] { receive(fd); });
    }

    void receive(int fd) {
        Connection& connection = *connections_.at(fd);
        const auto pdu = connection.pdus.try_receive();
        if (!pdu) {
            loop_.unwatch(fd);
            connections_.erase(fd);
        } else if (*pdu) {
            answer(connection, **pdu);
        }
    }

    void answer(Connection& connection, const iscsi::PduView& pdu) {
        if (const auto login = iscsi::LoginRequestPdu::decode(pdu.bhs)) {
            answer_login(connection, *login);
        } else if (const auto command = iscsi::ScsiCommandPdu::decode(pdu.bhs)) {
            answer_command(connection, *command, pdu.data);
        } else if (const auto logout = iscsi::LogoutRequestPdu::decode(pdu.bhs)) {
            note_("target: logout");
            iscsi::LogoutResponsePdu response;
            response.response = answer_to_logout;
            response.task_tag = logout->task_tag;
            send(connection, response.encode());
        }
    }

    void answer_login(Connection& connection, const iscsi::LoginRequestPdu& request) {
        if (request.current == iscsi::Stage::security) {
            note_("target: login, CmdSN " + std::to_string(request.cmd_sn));
        }
        iscsi::LoginResponsePdu response;
        response.transit = request.transit;
        response.current = request.current;
        response.next = request.next;
        response.isid = request.isid;
        response.tsih = 7;
        response.task_tag = request.task_tag;
        response.stat_sn = connection.stat_sn++;
        response.exp_cmd_sn = connection.exp_cmd_sn = request.cmd_sn;
        response.max_cmd_sn = request.cmd_sn + 31;
        if (!redirects_to.empty()) {
            response.transit = false;
            response.status_class = response.status_detail = 1;
            const std::string address = "TargetAddress=" + redirects_to + '\0';
            return send(connection, response.encode(), bytes_of(address));
        }
        const std::string text = request.current == iscsi::Stage::security
                                     ? std::string("AuthMethod=None\0", 16)
                                     : operational_keys("None");
        send(connection, response.encode(), bytes_of(text));
    }

    void answer_command(Connection& connection, const iscsi::ScsiCommandPdu& pdu, Bytes data) {
        EXPECT_EQ(pdu.cmd_sn, connection.exp_cmd_sn++) << "none is forgotten";
        iscsi::ScsiCommand command;
        command.cdb = pdu.cdb;
        std::copy(data.begin(), data.end(), command.out.begin());
        command.out_length = data.size();
        const auto reply = unit.carry_out(connection.nexus, command);
        exp_cmd_sn = connection.exp_cmd_sn;
        note_(pdu.cdb[0] == 0      ? "target: tried out"
              : pdu.cdb[0] == 0x5e ? "target: reservation read"
                                   : "target: reservation changed");
        if (!reply.data.empty()) {
            iscsi::Bhs header{};
            header[0] = static_cast<uint8_t>(iscsi::Opcode::data_in);
            store_be32(&header[16], pdu.task_tag);
            send(connection, header, reply.data);
        }
        iscsi::ScsiResponsePdu response;
        response.status = static_cast<uint8_t>(reply.status);
        response.task_tag = pdu.task_tag;
        response.stat_sn = connection.stat_sn++;
        response.exp_cmd_sn = connection.exp_cmd_sn;
        response.max_cmd_sn = connection.exp_cmd_sn + 31;
        std::vector<uint8_t> sense;
        if (!reply.sense.empty()) {
            sense = {0, static_cast<uint8_t>(reply.sense.size())};
            sense.insert(sense.end(), reply.sense.begin(), reply.sense.end());
        }
        send(connection, response.encode(), sense);
    }

    static void send(Connection& connection, const iscsi::Bhs& header, Bytes data = {}) {
        EXPECT_TRUE(connection.pdus.try_send(header, data));
    }

    EventLoop& loop_;
    std::function<void(const std::string&)> note_;
    Fd listening_;
    uint16_t port_ = 0;
    std::map<int, std::unique_ptr<Connection>> connections_;
    int nexuses_ = 0;
};

}  // namespace bootwire::keeper
