#include "session/portal_query.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "session/discover.h"

namespace bootwire::session {

namespace {

using namespace std::chrono_literals;

// Not in the first seconds, when the system on the disk wants all of the network; and not all Pis
// of a rack in the same.
constexpr Milliseconds kEarliest = 3s;
constexpr uint32_t kSpread = 5000;  // ms
constexpr Milliseconds kAskAgainAfter = 60s;
constexpr unsigned kMostQuestions = 5;
constexpr unsigned kLongestConversation = 60;  // seconds
constexpr char kEnd[] = ".";

[[noreturn]] void ask_and_exit(const KeptSession& session, const Fd& answer) {
    signal(SIGALRM, SIG_DFL);
    alarm(kLongestConversation);
    const auto portals = discover_portals(
        session.account, session.portals.front(), session.parameters.target_portal_group_tag,
        {[&](const std::string& host) { return net::resolve(*session.resolver, host, [] {}); },
         [] {}});
    if (!portals) {
        log::info("the target's other portals are not known: " + portals.error().what);
        _exit(1);
    }
    const std::string text = encode_portals(*portals);
    (void)!write(answer.get(), text.data(), text.size());
    _exit(0);
}

}  // namespace

std::string encode_portals(const std::vector<plan::Portal>& portals) {
    std::string text;
    for (const plan::Portal& portal : portals)
        text += portal.to_string() + "\n";
    return text + kEnd;
}

std::optional<std::vector<plan::Portal>> decode_portals(std::string_view text) {
    std::vector<plan::Portal> portals;
    for (const std::string_view line : split(text, '\n')) {
        if (line == kEnd) return portals;
        const auto portal = plan::parse_host_and_port(line);
        if (!portal || !portal->port) return std::nullopt;
        portals.push_back({portal->host, *portal->port});
    }
    return std::nullopt;
}

PortalQuery::PortalQuery(EventLoop& loop, const KeptSession& session,
                         std::function<void(const std::vector<plan::Portal>&)> found)
    : loop_(loop), session_(session), found_(std::move(found)) {
    ask_at(now() + kEarliest + Milliseconds(random_number() % kSpread));
}

PortalQuery::~PortalQuery() {
    if (timer_) loop_.cancel(*timer_);
    if (answer_.valid()) loop_.unwatch(answer_.get());
}

void PortalQuery::ask_at(Moment moment) {
    timer_ = loop_.at(moment, [this] {
        timer_.reset();
        ask();
    });
}

void PortalQuery::ask_again() {
    if (++questions_ < kMostQuestions) ask_at(now() + kAskAgainAfter);
}

void PortalQuery::ask() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return ask_again();
    Fd child_end(ends[1]);
    answer_.reset(ends[0]);
    received_.clear();
    const pid_t child = fork();
    if (child == 0) ask_and_exit(session_, child_end);
    child_end.reset();  // a child that could not be made says nothing, too
    loop_.watch(answer_.get(), [this] { receive(); });
}

void PortalQuery::receive() {
    char buffer[512];
    const ssize_t count = read(answer_.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) return;
    if (count > 0) {
        received_.append(buffer, static_cast<size_t>(count));
        return;
    }
    loop_.unwatch(answer_.get());
    answer_.reset();
    const auto portals = decode_portals(received_);
    if (!portals) return ask_again();
    if (!portals->empty()) found_(*portals);
}

}  // namespace bootwire::session
