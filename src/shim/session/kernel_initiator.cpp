#include "session/kernel_initiator.h"

#include <linux/netlink.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/secret.h"
#include "base/text.h"
#include "os/file.h"

namespace bootwire::session {

namespace {

constexpr char transport_handle[] = "/sys/class/iscsi_transport/tcp/handle";

enum class Request : uint32_t {  // ISCSI_UEVENT_*
    none = 0,
    create_session = 11,
    destroy_session = 12,
    create_connection = 13,
    destroy_connection = 14,
    bind_connection = 15,
    set_parameter = 16,
    start_connection = 17,
    stop_connection = 18,
    send_pdu = 19,
    unbind_session = 27,
};

// What the kernel says: ISCSI_KEVENT_*.
constexpr uint32_t received_pdu = 101;
constexpr uint32_t connection_error = 102;
constexpr uint32_t interface_error = 103;
constexpr uint32_t session_unbound = 105;

}  // namespace

/// struct iscsi_uevent: a head, what user space asks (24 bytes), what the kernel answers (16
/// bytes).
struct KernelInitiator::Message {
    explicit Message(Request request = Request::none) : type(static_cast<uint32_t>(request)) {}

    uint32_t type;
    int32_t refusal = 0;  // iferror: a negative number of errno's
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
    const auto handle = read_file(transport_handle);
    if (!handle) return fail("this kernel has no iSCSI over TCP", "build it with CONFIG_ISCSI_TCP");
    const auto transport = parse_number<uint64_t>(trim(*handle));
    if (!transport) return fail(std::string(transport_handle) + " is not a number");
    auto socket = open_kernel_socket(creator);
    if (!socket) return std::unexpected(socket.error());
    return KernelInitiator(std::move(*socket), *transport);
}

Result<KernelInitiator> KernelInitiator::another() const {
    auto socket = socket_->another();
    if (!socket) return std::unexpected(socket.error());
    return KernelInitiator(std::move(*socket), transport_);
}

namespace {

/// What of a datagram of the kernel's there is behind its netlink header, as long as that says.
/// Nothing if it is not all there, or has no room for a Message.
std::optional<Bytes> content_of(Bytes datagram, size_t message_size) {
    nlmsghdr header;
    if (datagram.size() < sizeof header) return std::nullopt;
    std::memcpy(&header, datagram.data(), sizeof header);
    const size_t length = header.nlmsg_len;
    if (length > datagram.size() || length < NLMSG_HDRLEN + message_size) return std::nullopt;
    return datagram.subspan(NLMSG_HDRLEN, length - NLMSG_HDRLEN);
}

void take_pdu(Bytes attached, KernelEvent& event) {
    if (attached.size() < event.header.size()) return;
    event.kind = KernelEvent::Kind::received_pdu;
    std::memcpy(event.header.data(), attached.data(), event.header.size());
    const Bytes data = attached.subspan(event.header.size());
    const size_t length = load_be24(event.header.data() + 5);  // DataSegmentLength
    const Bytes segment = data.first(std::min(length, data.size()));
    event.data.assign(segment.begin(), segment.end());
}

}  // namespace

std::optional<KernelEvent> KernelInitiator::decode_event(Bytes datagram) {
    const auto content = content_of(datagram, sizeof(Message));
    if (!content) return std::nullopt;
    Message message;
    std::memcpy(&message, content->data(), sizeof message);
    KernelEvent event;
    event.sid = message.answer.connection_error.sid;
    switch (message.type) {  // the netlink header of a notification has none
        case connection_error:
            event.kind = KernelEvent::Kind::connection_error;
            event.error = message.answer.connection_error.error;
            break;
        case session_unbound:
            event.kind = KernelEvent::Kind::session_unbound;
            break;
        case received_pdu:
            take_pdu(content->subspan(sizeof message), event);
            break;
        default:
            break;
    }
    return event;
}

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
    const int failed = socket_->send(datagram);
    wipe(datagram);
    if (failed != 0) return fail_errno(failed, what);
    while (socket_->receive(datagram)) {
        const auto content = content_of(datagram, sizeof message);
        if (!content) continue;
        std::memcpy(&header, datagram.data(), sizeof header);
        if (header.nlmsg_type != message.type) {
            events_.push_back(*decode_event(datagram));
            continue;
        }
        Message answer;
        std::memcpy(&answer, content->data(), sizeof answer);
        const bool refused = answer.type == interface_error;
        message = answer;
        if (refused) return fail_errno(answer.refusal, what);
        return {};
    }
    return fail(what + ": the kernel does not answer");
}

/// For what the kernel takes and may fail at.
Status KernelInitiator::request_done(Message& message, Bytes attached, const std::string& what) {
    if (auto taken = request(message, attached, what); !taken) return taken;
    const int failed = message.answer.return_code;
    return failed == 0 ? Status{} : fail_errno(failed, what);
}

Result<KernelSession> KernelInitiator::create_session(uint32_t initial_cmd_sn, uint16_t cmds_max,
                                                      uint16_t queue_depth) {
    Message message(Request::create_session);
    message.ask.create_session = {initial_cmd_sn, cmds_max, queue_depth};
    if (auto done = request(message, {}, "cannot create an iSCSI session"); !done) {
        return std::unexpected(done.error());
    }
    return KernelSession{message.answer.created.sid, message.answer.created.host};
}

Status KernelInitiator::create_connection(const KernelSession& session) {
    Message message(Request::create_connection);
    message.ask.connection = {session.sid, 0};
    return request(message, {}, "cannot create an iSCSI connection");
}

Status KernelInitiator::bind_connection(const KernelSession& session, int socket) {
    Message message(Request::bind_connection);
    message.ask.bind = {session.sid, 0, static_cast<uint64_t>(socket), 1};
    return request_done(message, {}, "cannot hand the connection to the kernel");
}

Status KernelInitiator::set_parameter(const KernelSession& session, Parameter parameter,
                                      const std::string& value) {
    const auto number = static_cast<uint32_t>(parameter);
    const std::string what = "the kernel refuses iSCSI parameter " + std::to_string(number);
    Message message(Request::set_parameter);
    const auto length = static_cast<uint32_t>(value.size() + 1);  // the kernel wants the NUL
    message.ask.set_parameter = {session.sid, 0, number, length};
    const Bytes text = bytes_of({value.c_str(), length});
    const auto done = request(message, text, what);
    return message.refusal == -ENOSYS ? Status{} : done;
}

Status KernelInitiator::start_connection(const KernelSession& session) {
    Message message(Request::start_connection);
    message.ask.connection = {session.sid, 0};
    return request_done(message, {}, "the kernel cannot start the iSCSI session");
}

Status KernelInitiator::stop_connection(const KernelSession& session, StopReason reason) {
    Message message(Request::stop_connection);
    message.ask.stop = {session.sid, 0, 0, static_cast<uint32_t>(reason)};
    return request(message, {}, "cannot stop the iSCSI connection");
}

Status KernelInitiator::unbind_session(const KernelSession& session) {
    Message message(Request::unbind_session);
    message.ask.connection = {session.sid, 0};
    return request(message, {}, "cannot remove the disk");
}

Status KernelInitiator::destroy_connection(const KernelSession& session) {
    Message message(Request::destroy_connection);
    message.ask.connection = {session.sid, 0};
    return request(message, {}, "cannot remove the iSCSI connection");
}

Status KernelInitiator::destroy_session(const KernelSession& session) {
    Message message(Request::destroy_session);
    message.ask.connection = {session.sid, 0};
    return request(message, {}, "cannot remove the iSCSI session");
}

Status KernelInitiator::send_pdu(const KernelSession& session, Bytes header, Bytes data) {
    Message message(Request::send_pdu);
    message.ask.send_pdu = {session.sid, 0, static_cast<uint32_t>(header.size()),
                            static_cast<uint32_t>(data.size())};
    std::vector<uint8_t> pdu(header.begin(), header.end());
    pdu.insert(pdu.end(), data.begin(), data.end());
    const auto done = request_done(message, pdu, "cannot send over the iSCSI connection");
    wipe(pdu);
    return done;
}

std::optional<KernelEvent> KernelInitiator::next_event() {
    std::vector<uint8_t> datagram;
    while (events_.empty() && socket_->receive(datagram)) {
        if (auto event = decode_event(datagram)) events_.push_back(std::move(*event));
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
        case port_takes_no_io:
            return "the target's portal takes no I/O (standby)";
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
        case ping_not_answered:
            return "the target does not answer pings";
        default:
            return "error " + std::to_string(error);
    }
}

}  // namespace bootwire::session
