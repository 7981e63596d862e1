#include "keeper/os_name.h"

#include <poll.h>
#include <unistd.h>

#include <utility>

#include "base/host_name.h"
#include "base/text.h"
#include "os/clock.h"

namespace bootwire::keeper {

OsName::OsName(EventLoop& loop, Fd file, Tell tell, Milliseconds settling)
    : loop_(loop), file_(std::move(file)), tell_(std::move(tell)), told_(read()) {
    if (!file_.valid()) return;
    // fs/proc/proc_sysctl.c: "urgent" when the name has changed since the last time.
    const auto changed = [this, settling] {
        loop_.move(timer_, now() + settling, [this] { look(); });
    };
    loop_.watch(file_.get(), changed, POLLPRI);
}

OsName::~OsName() {
    if (file_.valid()) loop_.unwatch(file_.get());
    if (timer_) loop_.cancel(*timer_);
}

std::string OsName::read() const {
    char text[256] = {};
    const ssize_t count = pread(file_.get(), text, sizeof text, 0);
    return std::string(trim({text, count > 0 ? static_cast<size_t>(count) : 0}));
}

void OsName::look() {
    std::string name = read();
    if (name == told_ || !tells_machines_apart(name)) return;
    told_ = std::move(name);
    tell_(told_);
}

bool tells_machines_apart(std::string_view name) {
    constexpr std::string_view local = "localhost";
    const bool is_local = name == local || name.starts_with("localhost.");
    return !is_local && is_host_name(name);
}

}  // namespace bootwire::keeper
