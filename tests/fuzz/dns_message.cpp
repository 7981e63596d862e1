// Any payload as a DNS answer, alone and through the resolver, which is asked for the name that
// the answer is about, so that the resolver does not pass it over.
#include <cstdlib>

#include "dns/message.h"
#include "dns/resolver.h"

using namespace bootwire;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const Bytes payload(data, size);
    const auto response = dns::parse_response(payload);
    if (response && response->addresses.size() > 16) abort();
    const std::string name = response && dns::check_host_name(response->question)
                                 ? response->question
                                 : std::string("nas.lan");
    const uint32_t id = size >= 2 ? load_be16(data) : 0;
    const IpAddress server = IpAddress::v4(10, 0, 0, 1);
    dns::Resolver resolver({.servers = {server}, .search_domain = "lan", .wants_v6 = true},
                           [id] { return id; });
    Moment now{0};
    resolver.start(name, now);
    for (int step = 0; step < 64 && resolver.next_deadline(); ++step) {
        if (step % 2 == 0) {
            resolver.on_packet(server, payload, now);
        } else {
            now = *resolver.next_deadline();
            resolver.on_timer(now);
        }
    }
    if (resolver.next_deadline()) abort();
    return 0;
}
