#include "net/netlink.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>

namespace bootwire::net {

namespace {

constexpr size_t receive_buffer = 32 * 1024;  // what the kernel asks for in netlink(7)
constexpr int most_drained = 256;             // datagrams

void append_padding(std::vector<uint8_t>& bytes) {
    bytes.resize(NLMSG_ALIGN(bytes.size()));
}

}  // namespace

NetlinkRequest::NetlinkRequest(uint16_t type, uint16_t flags) {
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
    append(&header, sizeof header);
}

NetlinkRequest& NetlinkRequest::append(const void* data, size_t size) {
    const auto* from = static_cast<const uint8_t*>(data);
    bytes_.insert(bytes_.end(), from, from + size);
    append_padding(bytes_);
    return *this;
}

NetlinkRequest& NetlinkRequest::attribute(uint16_t type, Bytes value) {
    const nlattr head{static_cast<uint16_t>(NLA_HDRLEN + value.size()), type};
    append(&head, sizeof head);
    return append(value.data(), value.size());
}

NetlinkRequest& NetlinkRequest::attribute(uint16_t type, uint32_t value) {
    return attribute(type, Bytes(reinterpret_cast<const uint8_t*>(&value), sizeof value));
}

NetlinkRequest& NetlinkRequest::attribute16(uint16_t type, uint16_t value) {
    return attribute(type, Bytes(reinterpret_cast<const uint8_t*>(&value), sizeof value));
}

NetlinkRequest& NetlinkRequest::attribute(uint16_t type, std::string_view value) {
    std::vector<uint8_t> text(value.begin(), value.end());
    text.push_back(0);
    return attribute(type, Bytes(text));
}

NetlinkRequest& NetlinkRequest::begin(uint16_t type) {
    open_.push_back(bytes_.size());
    return attribute(type, Bytes{});
}

NetlinkRequest& NetlinkRequest::end() {
    const auto length = static_cast<uint16_t>(bytes_.size() - open_.back());
    std::memcpy(bytes_.data() + open_.back(), &length, sizeof length);
    open_.pop_back();
    return *this;
}

Bytes NetlinkRequest::finish(uint32_t sequence) {
    nlmsghdr header;
    std::memcpy(&header, bytes_.data(), sizeof header);
    header.nlmsg_len = static_cast<uint32_t>(bytes_.size());
    header.nlmsg_seq = sequence;
    std::memcpy(bytes_.data(), &header, sizeof header);
    return bytes_;
}

void for_each_message(Bytes datagram,
                      const std::function<bool(const nlmsghdr& header, Bytes payload)>& handle) {
    while (datagram.size() >= sizeof(nlmsghdr)) {
        nlmsghdr header;
        std::memcpy(&header, datagram.data(), sizeof header);
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size()) return;
        const Bytes payload = datagram.subspan(NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN);
        if (!handle(header, payload)) return;
        datagram =
            datagram.subspan(std::min<size_t>(NLMSG_ALIGN(header.nlmsg_len), datagram.size()));
    }
}

void for_each_attribute(Bytes attributes,
                        const std::function<void(uint16_t type, Bytes value)>& handle) {
    while (attributes.size() >= sizeof(nlattr)) {
        nlattr head;
        std::memcpy(&head, attributes.data(), sizeof head);
        if (head.nla_len < NLA_HDRLEN || head.nla_len > attributes.size()) return;
        handle(head.nla_type & NLA_TYPE_MASK,
               attributes.subspan(NLA_HDRLEN, head.nla_len - NLA_HDRLEN));
        attributes =
            attributes.subspan(std::min<size_t>(NLA_ALIGN(head.nla_len), attributes.size()));
    }
}

Result<NetlinkSocket> NetlinkSocket::open(uint32_t groups) {
    Fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!fd.valid()) return fail_errno("cannot talk to the kernel about networks");
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = groups;
    if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        return fail_errno("cannot talk to the kernel about networks");
    }
    return NetlinkSocket(std::move(fd));
}

Status NetlinkSocket::perform(NetlinkRequest& request, const std::string& what) {
    return converse(request, what, nullptr);
}

Status NetlinkSocket::dump(NetlinkRequest& request, const std::string& what,
                           const MessageHandler& handle) {
    return converse(request, what, &handle);
}

Status NetlinkSocket::converse(NetlinkRequest& request, const std::string& what,
                               const MessageHandler* handle) {
    const uint32_t sequence = ++sequence_;
    const Bytes message = request.finish(sequence);
    std::vector<uint8_t> sent(message.begin(), message.end());
    if (handle == nullptr) {  // a dump ends with DONE instead of an acknowledgement
        auto* header = reinterpret_cast<nlmsghdr*>(sent.data());
        header->nlmsg_flags |= NLM_F_ACK;
    }
    if (send(fd_.get(), sent.data(), sent.size(), 0) < 0) return fail_errno(what);

    std::vector<uint8_t> buffer(receive_buffer);
    for (;;) {
        const ssize_t count = recv(fd_.get(), buffer.data(), buffer.size(), 0);
        if (count < 0) {
            if (errno == EINTR) continue;
            return fail_errno(what);
        }
        std::optional<Status> outcome;
        for_each_message(Bytes(buffer).first(static_cast<size_t>(count)),
                         [&](const nlmsghdr& header, Bytes payload) {
                             if (header.nlmsg_seq != sequence) return true;
                             if (header.nlmsg_type == NLMSG_DONE) {
                                 outcome = Status{};
                             } else if (header.nlmsg_type == NLMSG_ERROR) {
                                 int error = -EPROTO;
                                 if (payload.size() >= sizeof error) {
                                     std::memcpy(&error, payload.data(), sizeof error);
                                 }
                                 outcome = error == 0 ? Status{} : Status(fail_errno(error, what));
                             } else if (handle != nullptr) {
                                 (*handle)(header.nlmsg_type, payload);
                             }
                             return !outcome.has_value();
                         });
        if (outcome) return *outcome;
    }
}

bool NetlinkSocket::drain(const MessageHandler& handle) {
    std::vector<uint8_t> buffer(receive_buffer);
    for (int i = 0; i < most_drained; ++i) {
        const ssize_t count = recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (count < 0) {
            if (errno == EINTR) continue;
            return errno != ENOBUFS;
        }
        for_each_message(Bytes(buffer).first(static_cast<size_t>(count)),
                         [&](const nlmsghdr& header, Bytes payload) {
                             handle(header.nlmsg_type, payload);
                             return true;
                         });
    }
    return false;
}

}  // namespace bootwire::net
