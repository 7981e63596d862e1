// login-peer: what packaged targets cannot do, in front of one of them. See --help.
#include <sys/socket.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>

#include "base/text.h"
#include "iscsi/text_keys.h"
#include "options.h"
#include "splice.h"
#include "stream.h"

namespace bootwire::peer {

namespace {

constexpr std::string_view purpose =
    "login-peer: an iSCSI target's front for tests. It does the target's side of the security\n"
    "stage with bootwire's own library, CHAP in all four algorithms and both ways, logs in to a\n"
    "real target without authentication, passes the operational keys on, and then connects the\n"
    "two. Or it answers the login as the script says.\n\n"
    "usage: login-peer --listen ADDRESS:PORT [--target ADDRESS:PORT] [OPTION…]";

constexpr std::chrono::seconds login_patience{30};
constexpr std::chrono::seconds no_limit{0};

struct Settings {
    std::string listen;
    Script script;
    AsyncScript async;
    bool drops = false;
    size_t drop_after = 0;
    std::atomic<size_t> drops_left{SIZE_MAX};
    bool help = false;
};

void say(size_t number, const std::string& text) {
    static std::mutex mutex;
    const std::lock_guard guard(mutex);
    std::printf("login-peer: connection %zu: %s\n", number, text.c_str());
    std::fflush(stdout);
}

template <class Number>
bool set_number(const std::string& text, Number& number) {
    const auto value = parse_number<Number>(text);
    if (value) number = *value;
    return value.has_value();
}

bool set_algorithms(std::string_view list, std::vector<iscsi::ChapAlgorithm>& algorithms) {
    algorithms.clear();
    while (!list.empty()) {
        const auto algorithm = iscsi::parse_chap_algorithm(iscsi::take_list_item(list));
        if (!algorithm) return false;
        algorithms.push_back(*algorithm);
    }
    return !algorithms.empty();
}

bool set_status(std::string_view text, std::optional<LoginStatus>& status) {
    const size_t colon = text.find(':');
    if (colon == text.npos) return false;
    const auto status_class = parse_number<uint8_t>(text.substr(0, colon), 16);
    const auto detail = parse_number<uint8_t>(text.substr(colon + 1), 16);
    if (!status_class || !detail) return false;
    status = LoginStatus{*status_class, *detail};
    return true;
}

bool set_list_rejection(const std::string& text, ListRejection& rejection) {
    if (text == "status") rejection = ListRejection::by_status;
    if (text == "key") rejection = ListRejection::by_key;
    if (text == "close") rejection = ListRejection::by_close;
    return rejection != ListRejection::none;
}

/// EVENT[,PARAMETER1[,PARAMETER2[,PARAMETER3]]]
bool set_async(std::string_view text, std::optional<iscsi::AsyncMessagePdu>& message) {
    const auto event = parse_number<uint8_t>(iscsi::take_list_item(text));
    if (!event) return false;
    message.emplace().event = *event;
    for (uint16_t& parameter : message->parameters) {
        if (text.empty()) break;
        const auto value = parse_number<uint16_t>(iscsi::take_list_item(text));
        if (!value) return false;
        parameter = *value;
    }
    return text.empty();
}

bool set_login(const std::string& text, std::optional<Login>& login) {
    login.emplace();
    return split_login(text, login->user, login->secret);
}

std::vector<Option> options_for(Settings& settings) {
    Script& script = settings.script;
    using Text = const std::string&;
    return {
        {"--listen", "ADDRESS:PORT", "where to listen; port 0 takes a free one, which is printed",
         [&](Text v) {
             settings.listen = v;
             return true;
         }},
        {"--target", "ADDRESS:PORT", "the real target, which must ask for no authentication",
         [&](Text v) {
             script.target = v;
             return true;
         }},
        {"--chap", "USER:SECRET", "ask the initiator to prove this",
         [&](Text v) { return set_login(v, script.chap); }},
        {"--mutual", "USER:SECRET", "prove this to initiators that ask",
         [&](Text v) { return set_login(v, script.mutual_chap); }},
        {"--algorithms", "LIST", "CHAP algorithms: 5 MD5, 6 SHA-1, 7 SHA-256, 8 SHA3-256 (all)",
         [&](Text v) { return set_algorithms(v, script.algorithms); }},
        {"--reject-lists", "status|key|close",
         "as old targets do: take CHAP_A=5 alone; how others "
         "are refused",
         [&](Text v) { return set_list_rejection(v, script.list_rejection); }},
        {"--redirect", "ADDRESS:PORT[,TPGT]", "answer every login with a temporary redirection",
         [&](Text v) {
             script.redirection = v;
             return true;
         }},
        {"--permanent", "", "make the redirection a permanent one",
         [&](Text) {
             script.permanent = true;
             return true;
         }},
        {"--status", "CLASS:DETAIL", "answer every login with this status (hexadecimal)",
         [&](Text v) { return set_status(v, script.status); }},
        {"--split", "BYTES", "send login responses in TCP segments of this size",
         [&](Text v) { return set_number(v, script.piece); }},
        {"--continue", "BYTES",
         "spread login responses over PDUs with this much text, by the C bit",
         [&](Text v) { return set_number(v, script.continue_after); }},
        {"--drop-after-login", "N",
         "close both connections after N PDUs from the initiator; 0: at "
         "once",
         [&](Text v) {
             settings.drops = true;
             return set_number(v, settings.drop_after);
         }},
        {"--drop-times", "N", "drop this many connections, and leave later ones alone (all)",
         [&](Text v) {
             size_t times = 0;
             const bool ok = set_number(v, times);
             settings.drops_left = times;
             return ok;
         }},
        {"--async", "EVENT[,P1,P2,P3]",
         "send this Async Message (RFC 7143, 11.9) to all sessions at each SIGUSR1",
         [&](Text v) { return set_async(v, settings.async.message); }},
        {"--help", "", "this text",
         [&](Text) {
             settings.help = true;
             return true;
         }},
    };
}

bool takes_a_drop(Settings& settings) {
    if (!settings.drops) return false;
    size_t left = settings.drops_left;
    while (left > 0) {
        if (settings.drops_left.compare_exchange_weak(left, left - 1)) return true;
    }
    return false;
}

void serve(Settings& settings, Fd connection, size_t number) {
    set_patience(connection.get(), login_patience);
    Connection front(std::move(connection), login_patience);
    FrontLogin login(settings.script, front);
    auto spliced = login.run();
    if (!spliced) return say(number, "not let in: " + spliced.error().to_string());
    set_patience(front.fd(), no_limit);
    set_patience(spliced->target->fd(), no_limit);
    say(number, "logged in");
    const bool drops = takes_a_drop(settings);
    if (drops && settings.drop_after == 0) return say(number, "dropped, as the script says");
    const Error end = splice(front, *spliced, drops ? settings.drop_after : 0, settings.async);
    say(number, "ended: " + end.to_string());
}

int fail_with(const Error& error) {
    std::fprintf(stderr, "login-peer: %s\n", error.to_string().c_str());
    return EXIT_FAILURE;
}

int run(std::span<char* const> arguments) {
    static Settings settings;
    if (std::signal(SIGUSR1, [](int) { ++settings.async.rings; }) == SIG_ERR) return EXIT_FAILURE;
    const auto options = options_for(settings);
    if (auto status = read_options(arguments, options); !status) return fail_with(status.error());
    if (settings.help) {
        print_help(purpose, options);
        return EXIT_SUCCESS;
    }
    const bool answers_itself = settings.script.status || !settings.script.redirection.empty();
    if (settings.listen.empty() || (settings.script.target.empty() && !answers_itself)) {
        return fail_with({"--listen and --target are needed", "see --help"});
    }
    const auto listener = listen_on(settings.listen);
    if (!listener) return fail_with(listener.error());
    std::printf("login-peer: listening on %s\n", local_address(listener->get()).c_str());
    std::fflush(stdout);
    for (size_t number = 1;; ++number) {
        Fd connection(accept4(listener->get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!connection.valid()) continue;
        std::thread([connection = std::move(connection), number]() mutable {
            serve(settings, std::move(connection), number);
        }).detach();
    }
}

}  // namespace

}  // namespace bootwire::peer

int main(int argc, char** argv) {
    return bootwire::peer::run({argv + 1, static_cast<size_t>(argc - 1)});
}
