// Carries a protocol client of src/protocol/iscsi over a connected socket, until it has nothing more to send
// or to receive.
#pragma once

#include <functional>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "os/fd.h"

namespace bootwire::session {

/// The connection to a peer, whose name is for messages ("192.168.1.10:3260").
struct Connection {
    const Fd& socket;
    std::string peer;
    std::function<void()> on_progress;  ///< called at least every second while something is awaited

    Status send(Bytes bytes) const;
    /// At most buffer.size() bytes; none when the peer has closed the connection.
    Result<size_t> receive(MutableBytes buffer) const;
};

/// Client: LoginClient, DiscoveryClient; State: the enumeration of its states.
template <class Client, class State>
Status converse(Client& client, State sending, State receiving, const Connection& connection) {
    uint8_t buffer[4096];
    for (;;) {
        if (client.state() == sending) {
            if (auto sent = connection.send(client.next_output()); !sent) return sent;
        } else if (client.state() == receiving) {
            // Never more than the client wants: what follows is for the kernel.
            const size_t wanted = client.wanted() < sizeof buffer ? client.wanted() : sizeof buffer;
            const auto count = connection.receive(MutableBytes(buffer).first(wanted));
            if (!count) return std::unexpected(count.error());
            if (*count == 0) {
                client.connection_closed();
            } else {
                client.receive(Bytes(buffer).first(*count));
            }
        } else {
            return {};
        }
    }
}

}  // namespace bootwire::session
