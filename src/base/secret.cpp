#include "base/secret.h"

#include <cstring>

namespace bootwire {

bool equal_in_constant_time(Bytes a, Bytes b) {
    if (a.size() != b.size()) return false;
    volatile uint8_t difference = 0;
    for (size_t i = 0; i < a.size(); ++i)
        difference = static_cast<uint8_t>(difference | (a[i] ^ b[i]));
    return difference == 0;
}

void wipe(MutableBytes secret) {
    if (secret.empty()) return;
    std::memset(secret.data(), 0, secret.size());
    // Says that somebody may read the bytes now, as explicit_bzero(3) does, which not every C
    // library has.
    asm volatile("" : : "r"(secret.data()) : "memory");
}

void wipe(std::string& secret) {
    wipe({reinterpret_cast<uint8_t*>(secret.data()), secret.size()});
    secret.clear();
}

}  // namespace bootwire
