#include "session/farewell.h"

#include <algorithm>

namespace bootwire::session {

namespace {

using namespace std::chrono_literals;

constexpr Milliseconds answer_timeout = 10s;  // of the target, to a logout
// Of the kernel, for the removal of a disk: its cache may be large, and the event that tells of the
// removal may get lost.
constexpr Milliseconds unbind_timeout = 5min;
constexpr Milliseconds grace = 30s;  // for the OS to end once its accesses fail

std::string seconds(Milliseconds time) {
    return std::to_string((time + 500ms) / 1s) + " s";
}

}  // namespace

/// Without connection: the patience counts from now, or from the loss if that was later.
void Farewell::set_limit(Moment now) {
    deadline_.reset();
    if (connected_) return;
    const Moment since = std::max(now, lost_at_);
    deadline_ = since + patience_;
    const char* const what = stage_ == Stage::ending ? "what is not written yet" : "the logout";
    act(Kind::complain, disk_ + " has been away for " + seconds(now - lost_at_) + "; " + what +
                            " waits for it for another " + seconds(*deadline_ - now));
}

FarewellActions Farewell::on_ending(board::Verb verb, Moment now) {
    verb_ = verb;
    unless_it_returns_ = false;
    if (stage_ != Stage::none) return {};
    stage_ = Stage::ending;
    act(Kind::say, "the system ends: " + std::string(board::to_string(verb)));
    set_limit(now);
    return take_actions();
}

/// A person's wish is not the OS's to take back.
FarewellActions Farewell::on_cancelled() {
    if (stage_ != Stage::ending || unless_it_returns_) return {};
    go_on();
    act(Kind::say, "the system does not end after all");
    return take_actions();
}

void Farewell::go_on() {
    stage_ = Stage::none;
    deadline_.reset();
}

FarewellActions Farewell::on_end_anyway(board::Verb verb, Moment now) {
    if (connected_ || stage_ > Stage::ending) return {};
    if (stage_ == Stage::ending) {
        verb_ = verb;
        return {};
    }
    FarewellActions actions = on_ending(verb, now);
    unless_it_returns_ = true;
    return actions;
}

FarewellActions Farewell::on_log_out_wanted(board::Verb verb, Moment now) {
    verb_ = verb;
    switch (stage_) {
        case Stage::none:
        case Stage::ending:
            stage_ = Stage::unmounted;
            if (connected_) {
                unbind(now);
            } else if (!deadline_) {
                set_limit(now);
            }
            break;
        case Stage::given_up:
            finish(fail("the session was given up"));
            break;
        case Stage::over:
            act(Kind::answer, "the session has ended already");
            break;
        default:
            break;  // under way: all who have asked are answered
    }
    return take_actions();
}

FarewellActions Farewell::on_connection(bool connected, Moment now) {
    if (connected == connected_) return {};
    connected_ = connected;
    switch (stage_) {
        case Stage::ending:
            connection_while_ending(now);
            break;
        case Stage::unbinding:
            if (!connected) lost_at_ = now;
            set_limit(now);
            deadline_ = std::min(deadline_.value_or(now + unbind_timeout), unbound_by_);
            break;
        case Stage::unmounted:
            if (connected) unbind(now);
            break;
        case Stage::logging_out:
            if (!connected)
                finish(fail("the target closed the connection instead of logging us out"));
            break;
        default:
            break;
    }
    if (!connected && stage_ == Stage::none) lost_at_ = now;
    return take_actions();
}

/// A limit that was set when the connection was lost holds until the disk has worked.
void Farewell::connection_while_ending(Moment now) {
    if (!connected_) {
        if (deadline_ && !has_worked()) return;
        lost_at_ = now;
        return set_limit(now);
    }
    completed_before_ = work_.completed;
    if (!unless_it_returns_) return;
    go_on();
    act(Kind::complain, disk_ + " is back: the system goes on");
}

void Farewell::unbind(Moment now) {
    stage_ = Stage::unbinding;
    deadline_ = now + unbind_timeout;
    unbound_by_ = now + patience_ + 2 * unbind_timeout;
    act(Kind::unbind);
}

FarewellActions Farewell::on_unbound(Moment now) {
    if (stage_ != Stage::unbinding) return {};
    if (!connected_) {
        finish(fail("the target is away: not logged out"));
        return take_actions();
    }
    stage_ = Stage::logging_out;
    deadline_ = now + answer_timeout;
    act(Kind::log_out);
    return take_actions();
}

FarewellActions Farewell::on_logged_out(const Status& logged_out, Moment) {
    if (stage_ != Stage::logging_out) return {};
    finish(logged_out);
    return take_actions();
}

void Farewell::finish(const Status& logged_out) {
    const std::string told = logged_out ? "logged out" : logged_out.error().what;
    act(Kind::say, told);
    if (stage_ != Stage::given_up) act(Kind::drop);
    stage_ = Stage::over;
    deadline_.reset();
    if (logged_out) act(Kind::give_back);
    act(Kind::take_link_down);
    actions_.push_back({Kind::answer, told, logged_out.has_value()});
}

FarewellActions Farewell::on_timer(Moment now) {
    if (!deadline_ || now < *deadline_) return {};
    deadline_.reset();
    switch (stage_) {
        case Stage::ending:
            if (!connected_ || (work_.waits && !has_worked())) give_up(now);
            break;
        case Stage::unmounted:
            act(Kind::complain, disk_ +
                                    " is away: its file systems are unmounted, the target is "
                                    "not told");
            finish(fail("not logged out: the target is away"));
            break;
        case Stage::unbinding:
            if (connected_) return on_unbound(now);
            act(Kind::complain, disk_ + " does not answer: what its cache holds may be lost");
            act(Kind::abandon);
            stage_ = Stage::given_up;  // nothing is left to drop
            finish(fail("not logged out: the disk does not answer"));
            break;
        case Stage::logging_out:
            finish(fail("the target does not answer the logout"));
            break;
        case Stage::given_up:
            act(Kind::complain, "the system has not ended by itself: " +
                                    std::string(board::to_string(verb_)) + " now");
            act(Kind::end_machine);
            break;
        case Stage::none:
        case Stage::over:
            break;
    }
    return take_actions();
}

void Farewell::give_up(Moment now) {
    const char* const what = connected_ ? ": it has done nothing for " : ": it has been away for ";
    act(Kind::complain, "giving up on " + disk_ + what + seconds(now - lost_at_) +
                            "; what the system had not written yet is lost, and every access to "
                            "it fails from here on");
    act(Kind::abandon);
    stage_ = Stage::given_up;
    deadline_ = now + grace;
}

}  // namespace bootwire::session
