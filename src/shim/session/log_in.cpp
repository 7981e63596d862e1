#include "session/log_in.h"

#include <algorithm>
#include <memory>

#include "base/time.h"
#include "net/tcp.h"
#include "os/clock.h"
#include "os/log.h"
#include "session/connect_error.h"
#include "session/conversation.h"
#include "session/elsewhere.h"
#include "session/login_error.h"
#include "session/login_notes.h"
#include "topics/topic.h"

namespace bootwire::session {

namespace {

using namespace std::chrono_literals;

constexpr Milliseconds connect_timeout = 10s;
constexpr Milliseconds longest_in_all = 60s;
constexpr int most_hops = 8;  // redirections and retries until we call it a circle

}  // namespace

Moment Surroundings::give_up_at() const {
    return std::min(until, now() + longest_in_all);
}

Result<Endpoint> resolve(const plan::Portal& portal, const Surroundings& surroundings) {
    if (const auto* address = std::get_if<IpAddress>(&portal.host)) {
        return Endpoint{*address, portal.port};
    }
    const auto address = surroundings.resolve(std::get<std::string>(portal.host));
    if (!address) return std::unexpected(about(Topic::name_unknown, address.error()));
    return Endpoint{*address, portal.port};
}

namespace {

/// Where the login goes on. first: where it began, at which the operator may have named anything.
Result<Endpoint> follow(const plan::Portal& next, const plan::Portal& first,
                        const Surroundings& surroundings) {
    const auto endpoint = resolve(next, surroundings);
    if (!endpoint || next == first || can_be_elsewhere(endpoint->address)) return endpoint;
    return about(Topic::target_moved,
                 fail_for_now(first.to_string() + " redirects to " + endpoint->to_string() +
                                  ", where no target can be",
                              "check the target's redirections"));
}

Error not_let_in(const iscsi::LoginFailure& failure, const iscsi::LoginSettings& settings,
                 const std::string& peer) {
    Error error = describe(failure, settings);
    const std::string target(settings.target_name);
    error.what = "login to " + (target.empty() ? "" : target + " at ") + peer + ": " + error.what;
    return error;
}

}  // namespace

Result<LoggedIn> log_in(const Account& account, const plan::Portal& portal,
                        const Surroundings& surroundings) {
    LoggedIn login;
    login.home = portal;
    plan::Portal next = portal;
    const Moment until = surroundings.give_up_at();
    bool md5_alone = false;
    bool moved = false;  // the last redirection was for good
    for (int hop = 0; hop < most_hops; ++hop) {
        const auto endpoint = follow(next, portal, surroundings);
        if (!endpoint) return std::unexpected(endpoint.error());
        auto socket = net::connect_tcp(*endpoint, std::clamp(until - now(), 0ms, connect_timeout),
                                       surroundings.on_progress);
        if (!socket) return std::unexpected(connect_error(*endpoint, socket.error()));

        iscsi::LoginSettings settings = login_settings(account);
        if (md5_alone) settings.chap_algorithms = iscsi::md5_alone;
        const auto storage = std::make_unique<iscsi::LoginStorage>();
        iscsi::LoginClient client(settings, storage->buffers());
        const std::string peer = endpoint->to_string();
        net::PduStream pdus(socket->get());
        const auto done = converse(client, {pdus, peer, surroundings.on_progress, until});
        if (!done) return std::unexpected(done.error());
        switch (client.state()) {
            case iscsi::LoginState::finished:
                login.socket = std::move(*socket);
                login.portal = *endpoint;
                login.result = client.result();
                // Whoever only redirects has proved nothing; who is there has let us in.
                if (moved) login.home = next;
                for (const std::string& note : login_notes(login.result, settings))
                    log::warning(peer + ": " + note);
                return login;
            case iscsi::LoginState::redirected: {
                const iscsi::LoginRedirection& to = client.redirection();
                next = portal_of(to.address);
                moved = to.permanent;
                log::info(peer + " redirects " + (to.permanent ? "for good" : "for now") + " to " +
                          next.to_string());
                break;
            }
            case iscsi::LoginState::retry_with_md5:
                log::info(peer + " takes no list of CHAP algorithms; trying MD5 alone");
                md5_alone = true;
                break;
            default:
                return std::unexpected(not_let_in(client.failure(), settings, peer));
        }
    }
    return about(Topic::target_moved,
                 fail_for_now("the portals redirect in a circle, " + portal.to_string() + " first",
                              "check the target's redirections"));
}

}  // namespace bootwire::session
