// Any UDP payload as a DHCP message: what is read can be built and read again, and makes a lease.
#include <cstdlib>

#include "dhcp/lease.h"
#include "dhcp/message.h"

using namespace bootwire;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto message = dhcp::parse_message(Bytes(data, size));
    if (!message) return 0;
    const auto again = dhcp::parse_message(dhcp::build_message(*message));
    // Splitting long options makes a message longer; the largest no longer fit.
    if (again ? *again != *message : size < 4096) abort();
    const auto lease = dhcp::read_lease(*message);
    if (lease && (lease->renewal >= lease->rebinding || lease->rebinding >= lease->duration)) {
        abort();
    }
    return 0;
}
