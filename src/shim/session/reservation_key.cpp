#include "session/reservation_key.h"

#include <cstdio>

#include "base/fnv1a.h"
#include "base/text.h"

namespace bootwire::session {

namespace {

uint64_t hash_of(std::string_view text) {
    const uint64_t hash = fnv1a(text);
    return hash != 0 ? hash : 1;
}

}  // namespace

uint64_t reservation_key(std::string_view serial, const MacAddress& mac) {
    const auto number = parse_number<uint64_t>(serial, 16);
    if (number && *number != 0) return *number;
    const bool usable = serial.find_first_not_of('0') != serial.npos;
    return usable ? hash_of(serial) : hash_of(mac.to_string());
}

std::string key_text(uint64_t key) {
    char text[20];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(key));
    return text;
}

}  // namespace bootwire::session
