#include "keeper/portal_query.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <variant>

#include "base/text.h"
#include "os/clock.h"
#include "os/descriptors.h"
#include "os/log.h"
#include "os/random.h"
#include "session/discover.h"
#include "session/elsewhere.h"

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
constexpr char end_line[] = ".";
constexpr size_t longest_answer = 1024;  // of the child; a list of portals has 400 bytes at most

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
    const std::string text = portals ? encode_portals(*portals) : portals.error().what;
    (void)!write(answer, text.data(), text.size());
    _exit(0);
}

std::optional<plan::Portal> usable_portal(std::string_view line) {
    const auto portal = plan::parse_host_and_port(line);
    if (!portal || !portal->port) return std::nullopt;
    const auto* const address = std::get_if<IpAddress>(&portal->host);
    if (address == nullptr || !session::can_be_elsewhere(*address)) return std::nullopt;
    return plan::Portal{*address, *portal->port};
}

}  // namespace

std::string encode_portals(const std::vector<plan::Portal>& portals) {
    std::string text;
    for (const plan::Portal& portal : portals)
        text += portal.to_string() + "\n";
    return text + end_line;
}

std::optional<std::vector<plan::Portal>> decode_portals(std::string_view text) {
    if (text.size() > longest_answer) return std::nullopt;
    std::vector<std::string_view> lines = split(text, '\n');
    if (lines.back() != end_line) return std::nullopt;
    lines.pop_back();
    if (lines.size() > session::most_learnt_portals) return std::nullopt;
    std::vector<plan::Portal> portals;
    std::optional<IpAddress::Family> family;
    for (const std::string_view line : lines) {
        const auto portal = usable_portal(line);
        if (!portal) return std::nullopt;
        const auto its_family = std::get<IpAddress>(portal->host).family;
        if (family.value_or(its_family) != its_family) return std::nullopt;
        family = its_family;
        portals.push_back(*portal);
    }
    return portals;
}

PortalQuery::PortalQuery(EventLoop& loop, SessionKeeper& session) : loop_(loop), session_(session) {
    ask_at(now() + earliest + Milliseconds(random_number() % spread_ms));
}

PortalQuery::~PortalQuery() {
    if (timer_) loop_.cancel(*timer_);
    if (answer_.valid()) loop_.unwatch(answer_.get());
}

void PortalQuery::on_session(const SessionEvent& event) {
    if (event.kind != SessionEvent::Kind::back) return;
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
        const size_t room = longest_answer + 1 - received_.size();
        received_.append(buffer, std::min(static_cast<size_t>(count), room));
        return;
    }
    loop_.unwatch(answer_.get());
    answer_.reset();
    const auto portals = decode_portals(received_);
    if (portals) return session_.learn(*portals);
    const std::string why = received_.empty() ? "no answer" : printable(received_);
    log::info("the target's other portals are not known: " + why);
    ask_again();
}

}  // namespace bootwire::keeper
