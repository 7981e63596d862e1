// Work that may wait for ever.
#pragma once

#include <functional>

namespace bootwire {

enum class Ended {
    well,  ///< or nobody knows how: with SIGCHLD ignored the kernel does not tell
    badly,
    not_yet,
};

/// Does the work in a child process and waits for it for as long as go_on() says so, which is asked
/// some 20 times a second. What has not ended then is left behind. work: returns whether all went
/// well.
Ended do_in_child(const std::function<bool()>& work, const std::function<bool()>& go_on);

}  // namespace bootwire
