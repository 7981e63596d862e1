#include "disk/crc32.h"

namespace bootwire::disk {

uint32_t crc32(Bytes bytes) {
    uint32_t state = 0xffffffff;
    for (const uint8_t byte : bytes) {
        state ^= byte;
        for (int bit = 0; bit < 8; ++bit)
            state = state >> 1 ^ ((state & 1) != 0 ? 0xedb88320 : 0);
    }
    return ~state;
}

}  // namespace bootwire::disk
