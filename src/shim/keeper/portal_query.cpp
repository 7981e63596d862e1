#include "keeper/portal_query.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "keeper/portals_text.h"
#include "os/clock.h"
#include "os/descriptors.h"
#include "os/log.h"
#include "os/random.h"
#include "session/discover.h"

namespace bootwire::keeper {

namespace {

using namespace std::chrono_literals;

// Not in the first seconds, when the system on the disk wants all of the network; and not all Pis
// of a rack in the same.
constexpr Milliseconds earliest = 3s;
constexpr uint32_t spread_ms = 5000;
constexpr Milliseconds ask_again_after = 60s;
// A target that has got a thousand sessions back has other things to do.
constexpr Milliseconds after_return = 60s;
constexpr uint32_t spread_after_return_ms = 60'000;
constexpr unsigned most_questions = 5;
constexpr unsigned longest_conversation_s = 60;

[[noreturn]] void ask_and_exit(const SessionKeeper& session, int answer) {
    log::start("", [](const log::Line&) {});
    log::copy_to({});
    // A session, or an attempt at one, must not live on for as long as a portal thinks about the
    // answer.
    close_everything_but({answer});
    signal(SIGALRM, SIG_DFL);
    alarm(longest_conversation_s);
    const KeptSession& kept = session.session();
    const auto portals =
        session::discover_portals(kept.account, session.recovery().portal(),
                                  kept.parameters.target_portal_group_tag, session.surroundings());
    const std::string text = portals ? encode_portals(*portals) : encode_trouble(portals.error());
    (void)!write(answer, text.data(), text.size());
    _exit(0);
}

}  // namespace

bool may_ask(const KeptSession& session) {
    const bool may_be_refused = session.account.mutual_chap && !session.found_by_discovery;
    return session.may_learn_portals && !may_be_refused;
}

PortalQuery::PortalQuery(EventLoop& loop, SessionKeeper& session) : loop_(loop), session_(session) {
    ask_at(now() + earliest + Milliseconds(random_number() % spread_ms));
}

PortalQuery::~PortalQuery() {
    if (timer_) loop_.cancel(*timer_);
    if (answer_.valid()) loop_.unwatch(answer_.get());
}

void PortalQuery::on_session(const SessionEvent& event) {
    if (event.kind != SessionEvent::Kind::back || refused_) return;
    questions_ = 0;
    if (timer_ || answer_.valid()) return;
    ask_at(now() + after_return + Milliseconds(random_number() % spread_after_return_ms));
}

void PortalQuery::ask_at(Moment moment) {
    timer_ = loop_.at(moment, [this] {
        timer_.reset();
        ask();
    });
}

void PortalQuery::ask_again() {
    if (++questions_ < most_questions) ask_at(now() + ask_again_after);
}

void PortalQuery::ask() {
    if (session_.recovery().state() != Recovery::State::established) return;  // it comes back
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return ask_again();
    Fd child_end(ends[1]);
    answer_.reset(ends[0]);
    received_.clear();
    const pid_t child = fork();
    if (child == 0) ask_and_exit(session_, child_end.get());
    child_end.reset();  // a child that could not be made says nothing, too
    loop_.watch(answer_.get(), [this] { receive(); });
}

void PortalQuery::receive() {
    char buffer[512];
    const ssize_t count = read(answer_.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) return;
    if (count > 0) {
        // More than that is read, so that the child is not held up, and makes no list.
        const size_t room = longest_portals_text + 1 - received_.size();
        received_.append(buffer, std::min(static_cast<size_t>(count), room));
        return;
    }
    loop_.unwatch(answer_.get());
    answer_.reset();
    const auto portals = decode_portals(received_);
    if (portals) return session_.learn(*portals);
    refused_ = !may_ask_again_after(received_);
    const std::string why =
        received_.empty() ? "no answer" : printable(std::string_view(received_).substr(refused_));
    log::info("the target's other portals are not known: " + why);
    if (!refused_) ask_again();
}

}  // namespace bootwire::keeper
