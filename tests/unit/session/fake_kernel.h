// A kernel's iSCSI initiator for tests: takes the datagrams of NETLINK_ISCSI and answers them as
// drivers/scsi/scsi_transport_iscsi.c does, speaks over the sockets that it is given as libiscsi
// does, and writes down what it was asked for. What goes wrong is said beforehand. It has one
// session.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/text.h"
#include "iscsi/pdu.h"
#include "net/pdu_stream.h"
#include "os/event_loop.h"
#include "os/fd.h"
#include "session/kernel_initiator.h"

namespace bootwire::session {

class FakeKernel {
  public:
    /// Such a host is on no machine: something might be looked for in sysfs.
    static constexpr KernelSession session{7, 4'000'000};
    static constexpr uint64_t transport = 0x1122334455667788;
    /// What it stamps on the PDUs that it sends.
    static constexpr uint32_t cmd_sn = 4711;

    /// What shall happen the next time that it is asked for something.
    struct Turn {
        int refusal = 0;  ///< ISCSI_KEVENT_IF_ERROR, with this number of errno's
        int failure = 0;  ///< taken, and failed with this number of errno's
        bool no_answer = false;
        std::function<void()> before = {};  ///< it answers
        std::function<void()> after = {};
    };

    /// The loop, if there is one, brings what comes over the connections.
    explicit FakeKernel(EventLoop* loop = nullptr)
        : loop_(loop), journal_(memfd_create("journal", MFD_CLOEXEC)) {
        fcntl(journal_.get(), F_SETFL, O_APPEND);
    }
    FakeKernel(const FakeKernel&) = delete;
    FakeKernel& operator=(const FakeKernel&) = delete;
    ~FakeKernel() { disconnect(); }

    KernelInitiator initiator() { return {std::make_unique<Socket>(*this), transport}; }

    /// "bind", "stop recover"…: the first words of a line of the journal.
    void next(const std::string& request, Turn turn) {
        turns_.push_back({request, std::move(turn)});
    }
    /// Whether the removal of the disks is told at once.
    bool unbinds = true;

    void lose_connection(uint32_t error = 1011) { tell(102, {session.sid, 0, error}); }
    void tell_unbound() { tell(105, {session.sid, session.host}); }
    void tell_pdu(const iscsi::Bhs& header, Bytes data = {}, uint32_t sid = session.sid) {
        std::vector<uint8_t> attached(header.begin(), header.end());
        attached.insert(attached.end(), data.begin(), data.end());
        tell(101, {sid, 0}, attached);
    }
    void tell_nonsense() {
        for (Socket* socket : sockets_)
            socket->queue(std::vector<uint8_t>(20));
    }

    /// As if it had been given this one long ago.
    void connect(Fd socket) {
        connection_ = std::move(socket);
        pdus_.emplace(connection_.get());
        if (loop_ != nullptr) loop_->watch(connection_.get(), [this] { receive(); });
    }

    /// Shared with child processes.
    void note(const std::string& line) {
        const std::string text = line + "\n";
        EXPECT_EQ(write(journal_.get(), text.data(), text.size()), std::ssize(text));
    }
    /// What it was asked for, in order.
    std::vector<std::string> journal() const {
        std::string text(64 * 1024, '\0');
        const ssize_t size = pread(journal_.get(), text.data(), text.size(), 0);
        std::vector<std::string> lines;
        for (const std::string_view line : split(std::string_view(text).substr(0, size), '\n')) {
            if (!line.empty()) lines.emplace_back(line);
        }
        return lines;
    }
    /// The same without parameters.
    std::vector<std::string> steps() const {
        std::vector<std::string> lines = journal();
        std::erase_if(lines, [](const std::string& line) { return line.starts_with("set "); });
        return lines;
    }
    std::ptrdiff_t count(const std::string& line) const {
        return std::ranges::count(steps(), line);
    }
    void forget() { EXPECT_EQ(ftruncate(journal_.get(), 0), 0); }

  private:
    /// struct iscsi_uevent.
    struct Event {
        uint32_t type = 0;
        int32_t iferror = 0;
        uint64_t transport = 0;
        std::array<uint32_t, 6> ask{};
        std::array<uint32_t, 4> answer{};
    };
    static_assert(sizeof(Event) == 56);

    class Socket final : public KernelSocket {
      public:
        explicit Socket(FakeKernel& kernel)
            : kernel_(kernel), waiting_(eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC)) {
            kernel_.sockets_.push_back(this);
        }
        ~Socket() override { std::erase(kernel_.sockets_, this); }

        int fd() const override { return waiting_.get(); }
        int send(Bytes datagram) override { return kernel_.take(*this, datagram); }
        bool receive(std::vector<uint8_t>& datagram) override {
            if (queue_.empty()) return false;
            eventfd_t one;
            eventfd_read(waiting_.get(), &one);
            datagram = std::move(queue_.front());
            queue_.pop_front();
            return true;
        }
        Result<std::unique_ptr<KernelSocket>> another() const override {
            return std::make_unique<Socket>(kernel_);
        }
        void queue(std::vector<uint8_t> datagram) {
            queue_.push_back(std::move(datagram));
            eventfd_write(waiting_.get(), 1);
        }

      private:
        FakeKernel& kernel_;
        Fd waiting_;
        std::deque<std::vector<uint8_t>> queue_;
    };

    static std::vector<uint8_t> datagram(uint16_t netlink_type, const Event& event,
                                         Bytes attached) {
        nlmsghdr header{};
        header.nlmsg_type = netlink_type;
        header.nlmsg_len = static_cast<uint32_t>(sizeof header + sizeof event + attached.size());
        std::vector<uint8_t> bytes(NLMSG_ALIGN(header.nlmsg_len));
        std::memcpy(bytes.data(), &header, sizeof header);
        std::memcpy(bytes.data() + sizeof header, &event, sizeof event);
        std::ranges::copy(attached, bytes.begin() + sizeof header + sizeof event);
        return bytes;
    }

    /// To everybody (iscsi_multicast_skb).
    void tell(uint32_t type, const std::array<uint32_t, 4>& what, Bytes attached = {}) {
        Event event;
        event.type = type;
        event.answer = what;
        for (Socket* socket : sockets_)
            socket->queue(datagram(0, event, attached));
    }

    int take(Socket& from, Bytes bytes) {
        nlmsghdr header;
        Event event;
        if (bytes.size() < sizeof header + sizeof event) return EINVAL;
        std::memcpy(&header, bytes.data(), sizeof header);
        std::memcpy(&event, bytes.data() + sizeof header, sizeof event);
        EXPECT_LE(header.nlmsg_len, bytes.size());
        EXPECT_EQ(header.nlmsg_type, event.type);
        EXPECT_EQ(event.transport, transport);
        const Bytes attached = bytes.first(header.nlmsg_len).subspan(sizeof header + sizeof event);
        const std::string line = in_words(event, attached);
        note(line);
        const Turn turn = turn_of(line);
        if (turn.before) turn.before();
        if (turn.refusal != 0) {
            event.type = 103;
            event.iferror = -turn.refusal;
        } else {
            if (turn.failure == 0) carry_out(event, attached);
            if (turn.failure != 0) event.answer[0] = static_cast<uint32_t>(-turn.failure);
        }
        if (!turn.no_answer) from.queue(datagram(header.nlmsg_type, event, {}));
        if (turn.refusal == 0 && event.type == 27 && unbinds) tell_unbound();
        if (turn.after) turn.after();
        return 0;
    }

    Turn turn_of(const std::string& line) {
        const auto found = std::ranges::find_if(
            turns_, [&](const auto& turn) { return line.starts_with(turn.first); });
        if (found == turns_.end()) return {};
        Turn turn = std::move(found->second);
        turns_.erase(found);
        return turn;
    }

    static std::string in_words(const Event& event, Bytes attached) {
        const auto& ask = event.ask;
        if (event.type != 11) {
            EXPECT_EQ(ask[0], session.sid);
            EXPECT_EQ(ask[1], 0u) << "the one connection";
        }
        switch (event.type) {
            case 11:
                return "create session, CmdSN " + std::to_string(ask[0]) + ", commands " +
                       std::to_string(ask[1] & 0xffff) + ", depth " + std::to_string(ask[1] >> 16);
            case 12:
                return "destroy session";
            case 13:
                return "create connection";
            case 14:
                return "destroy connection";
            case 15:
                EXPECT_EQ(ask[4], 1u) << "is_leading";
                return "bind";
            case 16: {
                EXPECT_EQ(ask[3], attached.size());
                EXPECT_EQ(attached.back(), 0) << "the kernel wants the NUL";
                return "set " + std::to_string(ask[2]) + " " +
                       reinterpret_cast<const char*>(attached.data());
            }
            case 17:
                return "start";
            case 18:
                return ask[4] == 1 ? "stop terminate" : ask[4] == 3 ? "stop recover" : "stop ?";
            case 19:
                EXPECT_EQ(ask[2], iscsi::bhs_size);
                EXPECT_EQ(ask[2] + ask[3], attached.size());
                switch (attached[0] & 0x3f) {
                    case 3:
                        return "send login";
                    case 6:
                        return "send logout";
                    default:
                        return "send ?";
                }
            case 27:
                return "unbind";
            default:
                return "?";
        }
    }

    void carry_out(Event& event, Bytes attached) {
        switch (event.type) {
            case 11:
                event.answer = {session.sid, session.host};
                break;
            case 15:
                connect(Fd(fcntl(static_cast<int>(event.ask[2]), F_DUPFD_CLOEXEC, 3)));
                break;
            case 14:
            case 18:
                disconnect();
                break;
            case 19:
                event.answer[0] = static_cast<uint32_t>(send_stamped(attached));
                break;
            default:
                break;
        }
    }

    int send_stamped(Bytes pdu) {
        if (!pdus_) return -ENOTCONN;
        iscsi::Bhs header;
        std::ranges::copy(pdu.first(header.size()), header.begin());
        store_be32(&header[16], 1);  // the task's tag
        store_be32(&header[24], cmd_sn);
        return pdus_->try_send(header, pdu.subspan(header.size())) ? 0 : -EPIPE;
    }

    void receive() {
        const auto pdu = pdus_->try_receive();
        if (!pdu) {
            loop_->unwatch(connection_.get());
            return lose_connection(1020);
        }
        if (!*pdu) return;
        iscsi::Bhs header;
        std::ranges::copy((*pdu)->bhs, header.begin());
        tell_pdu(header, (*pdu)->data);
    }

    void disconnect() {
        if (loop_ != nullptr && connection_.valid()) loop_->unwatch(connection_.get());
        pdus_.reset();
        connection_.reset();
    }

    EventLoop* loop_;
    Fd journal_;
    std::vector<std::pair<std::string, Turn>> turns_;
    std::vector<Socket*> sockets_;
    Fd connection_;
    std::optional<net::PduStream> pdus_;
};

}  // namespace bootwire::session
