#include "os/descriptors.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace bootwire {

void close_everything_but(std::initializer_list<int> kept) {
    std::vector<int> sorted(kept);
    std::ranges::sort(sorted);
    int next = 3;
    for (const int fd : sorted) {
        if (fd < next) continue;
        if (fd > next) syscall(SYS_close_range, next, fd - 1, 0u);
        next = fd + 1;
    }
    syscall(SYS_close_range, next, ~0u, 0u);
}

}  // namespace bootwire
