#include "eeprom/sha256.h"

#include <nettle/sha2.h>

namespace bootwire::eeprom {

Sha256 sha256(Bytes bytes) {
    sha256_ctx context;
    Sha256 sum{};
    static_assert(sum.size() == SHA256_DIGEST_SIZE);
    sha256_init(&context);
    sha256_update(&context, bytes.size(), bytes.data());
    sha256_digest(&context, sum.size(), sum.data());
    return sum;
}

std::string hex(const Sha256& sum) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const uint8_t byte : sum) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

}  // namespace bootwire::eeprom
