// What is done with bytes that nobody else may learn.
#pragma once

#include <string>

#include "base/bytes.h"

namespace bootwire {

/// Same bytes? Takes time that depends on the lengths alone.
bool equal_in_constant_time(Bytes a, Bytes b);
/// Overwrites the bytes in a way that the compiler does not leave out.
void wipe(MutableBytes secret);
/// The same with the characters of a text, which is empty then.
void wipe(std::string& secret);

}  // namespace bootwire
