// Any bytes as what a portal sends in a Discovery session after the login.
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include "iscsi_initiator/discovery.h"
#include "pdus_of_stream.h"

using namespace bootwire;
using namespace bootwire::iscsi;

/// The input is the text of responses, cut into PDUs at each byte 0xff; with a first byte of 1 it
/// is the stream itself.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 1) return 0;
    static const auto storage = std::make_unique<DiscoveryStorage>();
    DiscoveryClient client({}, *storage);
    Bytes rest(data + 1, size - 1);
    if (data[0] == 1) feed_stream(client, std::exchange(rest, {}));
    while (!rest.empty() && (client.state() == DiscoveryState::sending ||
                             client.state() == DiscoveryState::receiving)) {
        client.next_pdu();
        const auto end = std::ranges::find(rest, uint8_t{0xff});
        const auto length = static_cast<size_t>(end - rest.begin());
        TextResponsePdu response;
        response.task_tag = 1;
        response.continues = end != rest.end();
        response.final = !response.continues;
        if (response.continues) response.target_transfer_tag = 1;
        client.receive_pdu({response.encode(), rest.first(length)});
        rest = rest.subspan(std::min(length + 1, rest.size()));
    }
    if (client.state() != DiscoveryState::finished) client.connection_closed();
    if (client.state() == DiscoveryState::failed && client.error().what.empty()) std::abort();
    if (client.targets().size() > max_discovered_targets) std::abort();
    return 0;
}
