// Carries an initiator's client over a connection that the kernel does not have yet, until the
// client has nothing more to send or to receive.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "net/pdu_stream.h"

namespace bootwire::session {

/// The connection to a peer, whose name is for messages ("192.168.1.10:3260").
struct Connection {
    net::PduStream& pdus;
    std::string peer;
    std::function<void()> on_progress;  ///< called at least every second while something is awaited
    Moment until = Moment::max();       ///< for the whole conversation, however it is drawn out

    Status send(const iscsi::PduView& pdu) const;
    /// The next PDU; `silent` if it is not whole after 20 s, or at `until`.
    net::StreamResult<iscsi::PduView> receive() const;
    /// For a person.
    Error broken(const net::StreamProblem& problem) const;
};

/// Client: LoginClient, DiscoveryClient or TaskClient, whose state says how it went. An error is
/// the connection's.
template <class Client>
Status converse(Client& client, const Connection& connection) {
    using State = decltype(client.state());
    for (;;) {
        if (client.state() == State::sending) {
            const auto pdu = client.next_pdu();
            if (auto sent = connection.send(*pdu); !sent) return sent;
        } else if (client.state() == State::receiving) {
            const auto pdu = connection.receive();
            if (pdu) {
                client.receive_pdu(*pdu);
            } else if (pdu.error().is_end()) {
                client.connection_closed();
            } else if (pdu.error().kind == net::StreamProblem::Kind::unreadable) {
                client.connection_unreadable(pdu.error().frame);
            } else {
                return std::unexpected(connection.broken(pdu.error()));
            }
        } else {
            return {};
        }
    }
}

}  // namespace bootwire::session
