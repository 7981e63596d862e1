#include "keeper/hung_tasks.h"

#include <unistd.h>

#include <chrono>
#include <string>
#include <utility>

#include "base/text.h"
#include "os/clock.h"

namespace bootwire::keeper {

void HungTaskTimeout::on_start(Seconds found, Moment now) {
    if (found != away) return;
    on_lost(found);
    on_back(now);
}

HungTaskTimeout::Seconds HungTaskTimeout::on_lost(Seconds found) {
    restore_at_.reset();
    if (found == away) {
        usual_ = usual_.value_or(kernels_own);
        return std::nullopt;
    }
    const bool watches = found && *found > 0 && *found < away;
    usual_ = watches ? found : std::nullopt;
    return watches ? Seconds(away) : std::nullopt;
}

void HungTaskTimeout::on_back(Moment now) {
    if (usual_) restore_at_ = now + std::chrono::seconds(*usual_);
}

HungTaskTimeout::Seconds HungTaskTimeout::on_timer(Seconds found, Moment now) {
    if (!restore_at_ || now < *restore_at_) return std::nullopt;
    restore_at_.reset();
    const Seconds usual = std::exchange(usual_, std::nullopt);
    return found == away ? usual : std::nullopt;
}

HungTasks::HungTasks(EventLoop& loop, Fd file) : loop_(loop), file_(std::move(file)) {
    timeout_.on_start(read(), now());
    set_timer();
}

HungTasks::~HungTasks() {
    if (timer_) loop_.cancel(*timer_);
}

void HungTasks::on_session(const SessionEvent& event) {
    if (event.kind == SessionEvent::Kind::lost) write(timeout_.on_lost(read()));
    if (event.kind == SessionEvent::Kind::back) timeout_.on_back(now());
    set_timer();
}

HungTaskTimeout::Seconds HungTasks::read() const {
    char text[32] = {};
    const ssize_t count = pread(file_.get(), text, sizeof text, 0);
    return parse_number<uint64_t>(trim({text, count > 0 ? static_cast<size_t>(count) : 0}));
}

void HungTasks::write(HungTaskTimeout::Seconds seconds) {
    if (!seconds) return;
    const std::string text = std::to_string(*seconds) + "\n";
    (void)!pwrite(file_.get(), text.data(), text.size(), 0);
}

void HungTasks::set_timer() {
    loop_.move(timer_, timeout_.next_deadline(), [this] {
        write(timeout_.on_timer(read(), now()));
        set_timer();
    });
}

}  // namespace bootwire::keeper
