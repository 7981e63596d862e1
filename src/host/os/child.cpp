#include "os/child.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "os/clock.h"

namespace bootwire {

namespace {

constexpr Milliseconds between_looks{50};
constexpr Milliseconds first_look{1};  // most have ended by then

}  // namespace

Ended do_in_child(const std::function<bool()>& work, const std::function<bool()>& go_on) {
    const pid_t child = fork();
    if (child < 0) return Ended::badly;
    if (child == 0) _exit(work() ? 0 : 1);
    for (Milliseconds pause = first_look;; pause = std::min(2 * pause, between_looks)) {
        int status = 0;
        if (waitpid(child, &status, WNOHANG) != 0) {
            return status == 0 ? Ended::well : Ended::badly;
        }
        if (!go_on()) return Ended::not_yet;
        sleep_for(pause);
    }
}

}  // namespace bootwire
