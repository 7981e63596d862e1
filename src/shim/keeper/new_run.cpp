#include "keeper/new_run.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace bootwire::keeper {

namespace {

constexpr size_t count = 4;

/// A byte, and room for the descriptors that travel beside it.
struct Message {
    char byte = 'r';
    iovec part{&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(count * sizeof(int))> control{};
    msghdr header{};

    Message() {
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        header.msg_control = control.data();
        header.msg_controllen = control.size();
    }
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;
};

}  // namespace

Status send_new_run(const Fd& socket, const NewRun& run) {
    const std::array<int, count> descriptors{run.run.get(), run.control.get(), run.verbs.get(),
                                             run.folder.get()};
    Message message;
    cmsghdr* const rights = CMSG_FIRSTHDR(&message.header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof descriptors);
    std::memcpy(CMSG_DATA(rights), descriptors.data(), sizeof descriptors);
    if (sendmsg(socket.get(), &message.header, MSG_NOSIGNAL) != 1) {
        return fail_errno("the keeper cannot be told of the new /run");
    }
    return {};
}

std::optional<NewRun> receive_new_run(const Fd& socket) {
    Message message;
    ssize_t received = 0;
    do {
        received = recvmsg(socket.get(), &message.header, MSG_CMSG_CLOEXEC);
    } while (received < 0 && errno == EINTR);
    const cmsghdr* const rights = received == 1 ? CMSG_FIRSTHDR(&message.header) : nullptr;
    std::array<int, count> descriptors{};
    if (rights == nullptr || rights->cmsg_type != SCM_RIGHTS ||
        rights->cmsg_len != CMSG_LEN(sizeof descriptors)) {
        return std::nullopt;
    }
    std::memcpy(descriptors.data(), CMSG_DATA(rights), sizeof descriptors);
    return NewRun{Fd(descriptors[0]), Fd(descriptors[1]), Fd(descriptors[2]), Fd(descriptors[3])};
}

}  // namespace bootwire::keeper
