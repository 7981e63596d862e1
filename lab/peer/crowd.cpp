// crowd: many initiators at one target, each of which gets its lost session back as the keeper
// does. See --help.
#include <signal.h>
#include <sys/resource.h>

#include <cstdio>
#include <memory>

#include "base/text.h"
#include "crowd_member.h"
#include "iscsi/target_address.h"
#include "options.h"
#include "os/clock.h"

namespace bootwire::peer {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view purpose =
    "crowd: logs in to a target under many names at once, and whenever a session is lost,\n"
    "each of them brings its own back as the keeper does\n"
    "(src/shim/keeper/recovery_executor.h), over sockets of its own instead of the kernel's\n"
    "initiator. No SCSI command is sent. Says five times a second, as a line of JSON, what\n"
    "has happened so far: who is connected; attempts to connect; logins begun; logins under\n"
    "way now, and at most at one time; sessions that were there or came back; milliseconds\n"
    "since the start.\n\n"
    "usage: crowd --portal ADDRESS:PORT --name TARGET --members N";

constexpr Milliseconds tell_every = 200ms;
constexpr unsigned most_members = 20000;

struct Settings {
    Endpoint portal;
    std::string target;
    unsigned members = 0;
    bool help = false;
};

/// "192.168.1.10:3260"
bool read_endpoint(const std::string& text, Endpoint& endpoint) {
    const auto portal = iscsi::TargetAddress::parse(text);
    const auto address = portal ? portal->address() : std::nullopt;
    if (address) endpoint = {*address, portal->port};
    return address.has_value();
}

std::vector<Option> options_for(Settings& settings) {
    using Text = const std::string&;
    return {
        {"--portal", "ADDRESS:PORT", "where the target is",
         [&](Text value) { return read_endpoint(value, settings.portal); }},
        {"--name", "TARGET", "its name",
         [&](Text value) {
             settings.target = value;
             return !value.empty();
         }},
        {"--members", "N", "how many initiators, 1 to 20000",
         [&](Text value) {
             const auto number = parse_number<unsigned>(value);
             if (number) settings.members = *number;
             return number && *number >= 1 && *number <= most_members;
         }},
        {"--help", "", "this text",
         [&](Text) {
             settings.help = true;
             return true;
         }},
    };
}

using Members = std::vector<std::unique_ptr<CrowdMember>>;

void tell(const Tally& tally, const Members& members, Moment began) {
    uint64_t attempts = 0;
    for (const auto& member : members)
        attempts += member->attempts();
    std::printf(
        "{\"ms\": %lld, \"connected\": %u, \"attempts\": %llu, \"logins\": %llu, "
        "\"logging_in\": %u, \"most_logging_in\": %u, \"returns\": %llu}\n",
        static_cast<long long>((now() - began).count()), tally.connected,
        static_cast<unsigned long long>(attempts), static_cast<unsigned long long>(tally.logins),
        tally.logging_in, tally.most_logging_in, static_cast<unsigned long long>(tally.returns));
    std::fflush(stdout);
}

int run(const Settings& settings) {
    signal(SIGPIPE, SIG_IGN);
    const rlimit files{settings.members + 64, settings.members + 64};
    if (setrlimit(RLIMIT_NOFILE, &files) != 0) {
        std::fprintf(stderr, "crowd: cannot have so many sockets\n");
        return 1;
    }
    const Moment began = now();
    EventLoop loop;
    Tally tally;
    Members members;
    const auto name_servers = std::make_shared<const net::NameServers>();  // names nobody
    members.reserve(settings.members);
    for (unsigned number = 0; number < settings.members; ++number) {
        members.push_back(std::make_unique<CrowdMember>(loop, tally, settings.portal,
                                                        settings.target, name_servers, number));
    }
    for (const auto& member : members)
        member->begin();
    for (Moment next = began;;) {
        loop.run_once(next);
        if (now() < next) continue;
        tell(tally, members, began);
        next = now() + tell_every;
    }
}

}  // namespace

}  // namespace bootwire::peer

int main(int argc, char** argv) {
    using namespace bootwire::peer;
    Settings settings;
    const auto options = options_for(settings);
    const auto read = read_options(std::span(argv, static_cast<size_t>(argc)).subspan(1), options);
    if (read && settings.help) {
        print_help(purpose, options);
        return 0;
    }
    if (!read || settings.members == 0 || settings.target.empty()) {
        const std::string why = read ? "--portal, --name and --members are needed; see --help"
                                     : read.error().to_string();
        std::fprintf(stderr, "crowd: %s\n", why.c_str());
        return 2;
    }
    return run(settings);
}
