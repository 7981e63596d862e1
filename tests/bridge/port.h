// What a bridge brings itself: the network, random numbers, and the two below that bootwire asks
// for. None of it is defined in the tests; check.py lets nothing else be undefined.
//
// - The hash functions of CHAP: bootwire::iscsi::chap_hash (iscsi/chap_hash.h). Those that it does
//   not have it does not offer (LoginSettings::chap_algorithms).
// - Its last words: std::__throw_out_of_range_fmt, which std::string_view calls where others throw,
//   upon a slip of ours: must not return. Like init's, in shim/init/without_exceptions.cpp.
// - mem… and strlen of a C library; what the compiler calls for arithmetic (libgcc).
//
// No clock: what is too late, receive() knows.
#pragma once

#include <cstdint>

#include "base/address.h"
#include "base/bytes.h"

namespace bridge {

/// Opens a TCP connection, in the place of the one before.
bool connect(const bootwire::Endpoint& to);
/// Sends all of it.
bool send(bootwire::Bytes bytes);
/// Waits for bytes, and gives how many there are: 0 if the peer has closed the connection or says
/// nothing for too long.
size_t receive(bootwire::MutableBytes to);
/// From a generator fit for keys.
void fill_with_random(bootwire::MutableBytes to);

}  // namespace bridge
