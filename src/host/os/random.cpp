#include "os/random.h"

#include <sys/random.h>

#ifndef GRND_INSECURE
#define GRND_INSECURE 4
#endif

namespace bootwire {

uint32_t random_number() {
    uint32_t number = 0;
    // Kernels before 5.6 do not know GRND_INSECURE; they are only met in host tests.
    if (getrandom(&number, sizeof number, GRND_INSECURE) < 0) getrandom(&number, sizeof number, 0);
    return number;
}

void fill_with_secure_random(MutableBytes bytes) {
    while (!bytes.empty()) {
        const ssize_t count = getrandom(bytes.data(), bytes.size(), 0);
        if (count > 0) bytes = bytes.subspan(static_cast<size_t>(count));
    }
}

}  // namespace bootwire
