// Random numbers from the kernel.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace bootwire {

/// For jitter and transaction identifiers: never waits for the kernel's pool to be ready.
uint32_t random_number();
/// For challenges and keys: waits until the kernel's generator is seeded (getrandom(2)).
void fill_with_secure_random(MutableBytes bytes);

}  // namespace bootwire
