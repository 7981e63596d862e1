#include "base/crc32c_step.h"

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))

#include <cstring>

#ifdef __x86_64__
#include <nmmintrin.h>
#define BOOTWIRE_WITH_CRC [[gnu::target("sse4.2")]]
#else
#include <arm_acle.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>
#define BOOTWIRE_WITH_CRC [[gnu::target("+crc")]]
#endif

namespace bootwire {

namespace {

// These alone are compiled for processors that have the instruction.
#ifdef __x86_64__
bool processor_has_crc() {
    return __builtin_cpu_supports("sse4.2") != 0;
}
BOOTWIRE_WITH_CRC uint32_t add_word(uint32_t state, uint64_t word) {
    return static_cast<uint32_t>(_mm_crc32_u64(state, word));
}
BOOTWIRE_WITH_CRC uint32_t add_byte(uint32_t state, uint8_t byte) {
    return _mm_crc32_u8(state, byte);
}
#else
bool processor_has_crc() {
    return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
}
BOOTWIRE_WITH_CRC uint32_t add_word(uint32_t state, uint64_t word) {
    return __crc32cd(state, word);
}
BOOTWIRE_WITH_CRC uint32_t add_byte(uint32_t state, uint8_t byte) {
    return __crc32cb(state, byte);
}
#endif

BOOTWIRE_WITH_CRC uint32_t by_instruction(uint32_t state, Bytes bytes) {
    const uint8_t* at = bytes.data();
    size_t left = bytes.size();
    for (; left >= sizeof(uint64_t); left -= sizeof(uint64_t), at += sizeof(uint64_t)) {
        uint64_t word;
        std::memcpy(&word, at, sizeof word);
        state = add_word(state, word);
    }
    for (; left > 0; --left)
        state = add_byte(state, *at++);
    return state;
}

}  // namespace

Crc32cStep crc32c_of_processor() {
    return processor_has_crc() ? by_instruction : nullptr;
}

}  // namespace bootwire

#endif
