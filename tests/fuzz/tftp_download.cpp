// What a TFTP server sends, packet by packet, behind the length of each in two bytes; a length of
// zero is a server that says nothing until the deadline.
#include <cstdlib>

#include "tftp/download.h"

using namespace bootwire;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    constexpr uint64_t most = 4096;
    tftp::Download download({"modules.sqfs", most, 64, 4});
    Moment now{0};
    uint64_t received = 0;
    download.start(now);
    Reader reader({data, size});
    while (download.next_deadline()) {
        const auto length = reader.be16();
        const auto packet = length ? reader.take(*length) : std::nullopt;
        tftp::Download::Step step;
        if (packet && !packet->empty()) {
            step = download.on_packet(*packet, now);
        } else {
            now = *download.next_deadline();
            step = download.on_timer(now);
        }
        received += step.data.size();
        if (received != download.received() && download.state() != tftp::Download::State::failed)
            abort();
        if (received > most) abort();
    }
    return 0;
}
