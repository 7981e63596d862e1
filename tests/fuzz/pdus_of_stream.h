// Bytes as a stream of PDUs for a client, cut into them as net::PduStream does.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "iscsi/frame.h"
#include "iscsi/text_keys.h"

namespace bootwire::iscsi {

/// Until the client is at its end, or the bytes are. Client: LoginClient, DiscoveryClient or
/// TaskClient.
template <class Client>
void feed_stream(Client& client, Bytes stream) {
    using State = decltype(client.state());
    std::vector<uint8_t> storage(longest_frame(login_data_length));
    FrameReader frames(storage);
    while (!stream.empty() &&
           (client.state() == State::sending || client.state() == State::receiving)) {
        if (client.state() == State::sending && !client.next_pdu()) std::abort();
        stream = stream.subspan(frames.feed(stream.first(std::min<size_t>(stream.size(), 99))));
        if (frames.state() == FrameState::needs_more) continue;
        if (frames.state() == FrameState::ready) {
            client.receive_pdu(frames.pdu());
            frames.next();
        } else {
            client.connection_unreadable(frames.state());
        }
    }
}

}  // namespace bootwire::iscsi
