// The tables of RAID 6's Galois field as our kernel computes them: the very code of
// kernel/patches/0006, cut out of it by from_patch.py.
#pragma once

#include <cstdint>

namespace bootwire::kernel::raid6 {

// NOLINTBEGIN: names are the kernel's
#define __aligned(bytes) __attribute__((aligned(bytes)))
#define __init
#define __ro_after_init
#define EXPORT_SYMBOL(name) static_assert(sizeof(name) > 0)

using u8 = uint8_t;

#include "raid6_tables.inc"

#undef __aligned
#undef __init
#undef __ro_after_init
#undef EXPORT_SYMBOL
// NOLINTEND

}  // namespace bootwire::kernel::raid6
