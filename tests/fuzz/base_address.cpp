// Any text as an address: taken for what inet_pton(3) takes it for, and written as by inet_ntop(3).
#include <arpa/inet.h>

#include <cstdlib>

#include "base/address.h"

using bootwire::IpAddress;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto address = IpAddress::parse(text);
    if (text.find('\0') != text.npos) {
        if (address) std::abort();
        return 0;
    }
    IpAddress expected;
    bool known = inet_pton(AF_INET, text.c_str(), expected.bytes.data()) == 1;
    if (!known) {
        expected = {IpAddress::Family::v6, {}};
        known = inet_pton(AF_INET6, text.c_str(), expected.bytes.data()) == 1;
    }
    if (address.has_value() != known || (known && *address != expected)) std::abort();
    if (!known) return 0;
    char written[INET6_ADDRSTRLEN] = "";
    inet_ntop(address->is_v4() ? AF_INET : AF_INET6, address->bytes.data(), written,
              sizeof written);
    if (address->to_string() != written || IpAddress::parse(written) != address) std::abort();
    return 0;
}
