#include "iscsi_target/login_gate.h"

#include <algorithm>

namespace bootwire::iscsi {

namespace {

/// Who has one IPv6 address has all of its /64 (RFC 4291 section 2.5.1).
IpAddress counted_as(IpAddress address) {
    if (!address.is_v4()) std::fill(address.bytes.begin() + 8, address.bytes.end(), uint8_t{0});
    return address;
}

}  // namespace

bool LoginGate::enter(const IpAddress& from) {
    if (inside_ >= limits_.overall || limits_.per_address == 0) return false;
    size_t& of_address = by_address_[counted_as(from)];
    if (of_address == limits_.per_address) return false;
    ++of_address;
    ++inside_;
    return true;
}

void LoginGate::leave(const IpAddress& from) {
    const auto found = by_address_.find(counted_as(from));
    if (found == by_address_.end()) return;
    --inside_;
    if (--found->second == 0) by_address_.erase(found);
}

}  // namespace bootwire::iscsi
