#include "init/progress.h"

#include <algorithm>
#include <array>

#include "board/modules.h"
#include "os/clock.h"
#include "topics/topic.h"

namespace bootwire::init {

namespace {

using screen::Notice;
using screen::Step;

constexpr char modules_folder[] = "/modules";

struct StageName {
    std::string_view stage;
    size_t step;
    const char* shown;
};
constexpr std::array known_stages{StageName{"network", 0, "Network"},
                                  StageName{"session", 1, "Target"}, StageName{"disk", 2, "Disk"},
                                  StageName{"handoff", 3, "System"},
                                  // Other ways on from the disk:
                                  StageName{"kexec", 3, "Kernel"}, StageName{"usb", 3, "USB port"}};
constexpr size_t step_count = 4;

Notice notice_of(const Error& error, Notice::Kind kind) {
    Notice notice;
    notice.kind = kind;
    notice.title = title(error.topic);
    notice.text = error.what;
    notice.hint = error.hint;
    notice.link = help_link(BOOTWIRE_HELP_PAGE, error.topic);
    return notice;
}

}  // namespace

Progress::Progress(const board::Board& board) {
    view_.version = BOOTWIRE_VERSION;
    view_.board = board.model.empty() ? "unknown board" : board.model;
    view_.serial = board.serial;
    for (size_t step = 0; step < step_count; ++step)
        view_.steps.push_back({known_stages[step].shown});
}

void Progress::start() {
    if (given_up_) return;
    wanted_ = true;
    splash_.start([] { board::load_modules_of_devices(modules_folder); });
    show();
}

Step* Progress::running_step() {
    const auto step = std::ranges::find(view_.steps, Step::State::running, &Step::state);
    return step == view_.steps.end() ? nullptr : &*step;
}

void Progress::enter(std::string_view stage) {
    const auto found = std::ranges::find(known_stages, stage, &StageName::stage);
    if (found == known_stages.end()) return;
    const size_t index = found->step;
    if (Step* const before = running_step()) {
        before->state = Step::State::done;
        before->ended = now();
    }
    for (size_t i = index; i < view_.steps.size(); ++i)
        view_.steps[i] = Step{known_stages[i].shown};
    view_.steps[index].name = found->shown;
    view_.steps[index].state = Step::State::running;
    view_.steps[index].began = now();
    const bool still_failing =
        view_.notice && view_.notice->kind == Notice::Kind::failure && index <= failed_step_;
    if (!still_failing) view_.notice.reset();
    show();
}

void Progress::detail(std::string text) {
    if (Step* const step = running_step()) step->detail = std::move(text);
    show();
}

void Progress::waiting(const Error& error) {
    Notice notice = notice_of(error, Notice::Kind::wait);
    const Step* const step = running_step();
    notice.since = step != nullptr ? step->began : now();
    if (view_.notice && view_.notice->kind == Notice::Kind::wait) {
        notice.since = view_.notice->title == notice.title ? view_.notice->since : now();
    }
    view_.notice = std::move(notice);
    show();
}

void Progress::working(std::string title, std::string text, std::string hint) {
    Notice notice;
    notice.kind = Notice::Kind::work;
    notice.title = std::move(title);
    notice.text = std::move(text);
    notice.hint = std::move(hint);
    notice.since = now();
    view_.notice = std::move(notice);
    show();
}

void Progress::failed(const Error& error, int attempt, Milliseconds pause) {
    Notice notice = notice_of(error, Notice::Kind::failure);
    notice.since = now();
    notice.attempt = attempt;
    notice.next_attempt = now() + pause;
    view_.notice = std::move(notice);
    if (Step* const step = running_step()) {
        step->state = Step::State::failed;
        failed_step_ = static_cast<size_t>(step - view_.steps.data());
    }
    if (wanted_ && !splash_.running()) start();
    show();
}

void Progress::offer(std::string help) {
    if (!view_.notice) return;
    view_.notice->help = std::move(help);
    show();
}

void Progress::give_up_screen() {
    wanted_ = false;
    given_up_ = true;
    splash_.stop();
}

void Progress::end() {
    if (Step* const step = running_step()) {
        step->state = Step::State::done;
        step->ended = now();
    }
    splash_.stop();
}

}  // namespace bootwire::init
