#include "session/kernel_initiator.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "os/file.h"

namespace bootwire::session {

namespace {

constexpr uint32_t kGroupIscsid = 1;  // ISCSI_NL_GRP_ISCSID
constexpr size_t kLargestMessage = 64 * 1024;
constexpr char kTransportHandle[] = "/sys/class/iscsi_transport/tcp/handle";

enum Request : uint32_t {  // ISCSI_UEVENT_*
    kCreateSession = 11,
    kDestroySession = 12,
    kCreateConnection = 13,
    kDestroyConnection = 14,
    kBindConnection = 15,
    kSetParameter = 16,
    kStartConnection = 17,
    kStopConnection = 18,
    kSendPdu = 19,
    kUnbindSession = 27,
};

enum Notification : uint32_t {  // ISCSI_KEVENT_*
    kReceivedPdu = 101,
    kConnectionError = 102,
    kInterfaceError = 103,
    kSessionUnbound = 105,
};

}  // namespace

/// struct iscsi_uevent: a head, what user space asks (24 bytes), what the kernel answers (16
/// bytes).
struct KernelInitiator::Message {
    uint32_t type = 0;
    uint32_t interface_error = 0;
    uint64_t transport = 0;
    union {
        uint8_t bytes[24] = {};
        struct {
            uint32_t initial_cmd_sn;
            uint16_t cmds_max;
            uint16_t queue_depth;
        } create_session;
        struct {
            uint32_t sid;
            uint32_t cid;
        } connection;
        struct {
            uint32_t sid;
            uint32_t cid;
            uint64_t socket;
            uint32_t is_leading;
        } bind;
        struct {
            uint32_t sid;
            uint32_t cid;
            uint32_t parameter;
            uint32_t length;
        } set_parameter;
        struct {
            uint32_t sid;
            uint32_t cid;
            uint64_t unused;
            uint32_t reason;
        } stop;
        struct {
            uint32_t sid;
            uint32_t cid;
            uint32_t header_size;
            uint32_t data_size;
        } send_pdu;
    } ask;
    union {
        uint8_t bytes[16] = {};
        int32_t return_code;
        struct {
            uint32_t sid;
            uint32_t host;
        } created;
        struct {
            uint32_t sid;
            uint32_t cid;
            uint32_t error;
        } connection_error;
    } answer;
};

Result<KernelInitiator> KernelInitiator::open(Creator creator) {
    const auto handle = read_file(kTransportHandle);
    if (!handle) return fail("this kernel has no iSCSI over TCP", "build it with CONFIG_ISCSI_TCP");
    const auto transport = parse_number<uint64_t>(trim(*handle));
    if (!transport) return fail(std::string(kTransportHandle) + " is not a number");
    return open(*transport, creator);
}

Result<KernelInitiator> KernelInitiator::open(uint64_t transport, Creator creator) {
    Fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ISCSI));
    if (!fd.valid()) return fail_errno("cannot talk to the kernel's iSCSI initiator");
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_pid = static_cast<uint32_t>(creator);
    address.nl_groups = kGroupIscsid;
    if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        return fail_errno("cannot talk to the kernel's iSCSI initiator");
    }
    return KernelInitiator(std::move(fd), transport);
}

bool KernelInitiator::receive(int flags, std::vector<uint8_t>& datagram) {
    datagram.resize(kLargestMessage);
    for (;;) {
        const ssize_t count = recv(fd_.get(), datagram.data(), datagram.size(), flags);
        // ENOBUFS: notifications were lost; whoever waits for one also looks at sysfs.
        if (count < 0 && (errno == EINTR || errno == ENOBUFS)) continue;
        datagram.resize(count < 0 ? 0 : static_cast<size_t>(count));
        return count >= 0;
    }
}

namespace {

/// The event in a notification of the kernel.
template <class Message>
KernelEvent decode_event(const Message& message, Bytes attached) {
    const uint32_t type = message.type;  // the netlink header of a notification has none
    KernelEvent event;
    event.sid = message.answer.connection_error.sid;
    if (type == kConnectionError) {
        event.kind = KernelEvent::Kind::connection_error;
        event.error = message.answer.connection_error.error;
    } else if (type == kSessionUnbound) {
        event.kind = KernelEvent::Kind::session_unbound;
    } else if (type == kReceivedPdu && attached.size() >= event.header.size()) {
        event.kind = KernelEvent::Kind::received_pdu;
        std::memcpy(event.header.data(), attached.data(), event.header.size());
        const Bytes data = attached.subspan(event.header.size());
        const size_t length = load_be24(event.header.data() + 5);  // DataSegmentLength
        event.data.assign(data.begin(),
                          data.begin() + static_cast<ptrdiff_t>(std::min(length, data.size())));
    }
    return event;
}

}  // namespace

Status KernelInitiator::request(Message& message, Bytes attached, const std::string& what) {
    static_assert(sizeof(Message) == 56 && alignof(Message) == 8, "layout of struct iscsi_uevent");
    message.transport = transport_;
    nlmsghdr header{};
    header.nlmsg_type = static_cast<uint16_t>(message.type);
    header.nlmsg_len = static_cast<uint32_t>(NLMSG_HDRLEN + sizeof message + attached.size());
    std::vector<uint8_t> datagram(NLMSG_ALIGN(header.nlmsg_len));
    std::memcpy(datagram.data(), &header, sizeof header);
    std::memcpy(datagram.data() + NLMSG_HDRLEN, &message, sizeof message);
    if (!attached.empty()) {
        std::memcpy(datagram.data() + NLMSG_HDRLEN + sizeof message, attached.data(),
                    attached.size());
    }
    // The kernel answers before send() returns (iscsi_if_rx): the answer is already queued then,
    // possibly behind notifications.
    const ssize_t sent = send(fd_.get(), datagram.data(), datagram.size(), 0);
    explicit_bzero(datagram.data(), datagram.size());
    if (sent < 0) return fail_errno(what);
    while (receive(MSG_DONTWAIT, datagram)) {
        if (datagram.size() < NLMSG_HDRLEN + sizeof message) continue;
        Message answer;
        std::memcpy(&header, datagram.data(), sizeof header);
        std::memcpy(&answer, datagram.data() + NLMSG_HDRLEN, sizeof answer);
        if (header.nlmsg_type != message.type) {
            events_.push_back(
                decode_event(answer, Bytes(datagram).subspan(NLMSG_HDRLEN + sizeof answer)));
            continue;
        }
        const bool refused = answer.type == kInterfaceError;
        if (refused) return fail_errno(static_cast<int>(answer.interface_error), what);
        message = answer;
        return {};
    }
    return fail(what + ": the kernel does not answer");
}

Result<KernelSession> KernelInitiator::create_session(uint32_t initial_cmd_sn, uint16_t cmds_max,
                                                      uint16_t queue_depth) {
    Message message;
    message.type = kCreateSession;
    message.ask.create_session = {initial_cmd_sn, cmds_max, queue_depth};
    if (auto done = request(message, {}, "cannot create an iSCSI session"); !done) {
        return std::unexpected(done.error());
    }
    return KernelSession{message.answer.created.sid, message.answer.created.host};
}

Status KernelInitiator::create_connection(const KernelSession& session) {
    Message message;
    message.type = kCreateConnection;
    message.ask.connection = {session.sid, 0};
    return request(message, {}, "cannot create an iSCSI connection");
}

Status KernelInitiator::bind_connection(const KernelSession& session, int socket) {
    const std::string what = "cannot hand the connection to the kernel";
    Message message;
    message.type = kBindConnection;
    message.ask.bind = {session.sid, 0, static_cast<uint64_t>(socket), 1};
    if (auto done = request(message, {}, what); !done) return done;
    if (message.answer.return_code != 0) return fail_errno(message.answer.return_code, what);
    return {};
}

Status KernelInitiator::set_parameter(const KernelSession& session, Parameter parameter,
                                      const std::string& value) {
    const auto number = static_cast<uint32_t>(parameter);
    const std::string what = "the kernel refuses iSCSI parameter " + std::to_string(number);
    Message message;
    message.type = kSetParameter;
    const auto length = static_cast<uint32_t>(value.size() + 1);  // the kernel wants the NUL
    message.ask.set_parameter = {session.sid, 0, number, length};
    const Bytes text(reinterpret_cast<const uint8_t*>(value.c_str()), length);
    const auto done = request(message, text, what);
    if (!done && done.error().what.ends_with(std::strerror(ENOSYS))) return {};
    return done;
}

Status KernelInitiator::start_connection(const KernelSession& session) {
    const std::string what = "the kernel cannot start the iSCSI session";
    Message message;
    message.type = kStartConnection;
    message.ask.connection = {session.sid, 0};
    if (auto done = request(message, {}, what); !done) return done;
    if (message.answer.return_code != 0) return fail_errno(message.answer.return_code, what);
    return {};
}

Status KernelInitiator::stop_connection(const KernelSession& session, StopReason reason) {
    Message message;
    message.type = kStopConnection;
    message.ask.stop = {session.sid, 0, 0, static_cast<uint32_t>(reason)};
    return request(message, {}, "cannot stop the iSCSI connection");
}

Status KernelInitiator::unbind_session(const KernelSession& session) {
    Message message;
    message.type = kUnbindSession;
    message.ask.connection = {session.sid, 0};
    return request(message, {}, "cannot remove the disk");
}

Status KernelInitiator::destroy_connection(const KernelSession& session) {
    Message message;
    message.type = kDestroyConnection;
    message.ask.connection = {session.sid, 0};
    return request(message, {}, "cannot remove the iSCSI connection");
}

Status KernelInitiator::destroy_session(const KernelSession& session) {
    Message message;
    message.type = kDestroySession;
    message.ask.connection = {session.sid, 0};
    return request(message, {}, "cannot remove the iSCSI session");
}

Status KernelInitiator::send_pdu(const KernelSession& session, Bytes header, Bytes data) {
    const std::string what = "cannot send over the iSCSI connection";
    Message message;
    message.type = kSendPdu;
    message.ask.send_pdu = {session.sid, 0, static_cast<uint32_t>(header.size()),
                            static_cast<uint32_t>(data.size())};
    std::vector<uint8_t> pdu(header.begin(), header.end());
    pdu.insert(pdu.end(), data.begin(), data.end());
    auto done = request(message, pdu, what);
    explicit_bzero(pdu.data(), pdu.size());
    if (!done) return done;
    if (message.answer.return_code != 0) return fail_errno(message.answer.return_code, what);
    return {};
}

std::optional<KernelEvent> KernelInitiator::next_event() {
    std::vector<uint8_t> datagram;
    while (events_.empty() && receive(MSG_DONTWAIT, datagram)) {
        if (datagram.size() < NLMSG_HDRLEN + sizeof(Message)) continue;
        Message message;
        std::memcpy(&message, datagram.data() + NLMSG_HDRLEN, sizeof message);
        events_.push_back(
            decode_event(message, Bytes(datagram).subspan(NLMSG_HDRLEN + sizeof message)));
    }
    if (events_.empty()) return std::nullopt;
    KernelEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
}

std::string connection_error_text(uint32_t error) {
    switch (error) {  // enum iscsi_err
        case 1007:
            return "header of the wrong length";
        case 1008:
            return "protocol error";
        case 1011:
            return "connection failed";
        case 1014:
            return "header digest error";
        case 1015:
            return "data digest error";
        case 1019:
            return "sending failed";
        case 1020:
            return "the target closed the connection";
        case 1021:
            return "the SCSI error handler gave the session up";
        case 1022:
            return "the target does not answer pings";
        default:
            return "error " + std::to_string(error);
    }
}

}  // namespace bootwire::session
