// SELECTING: which offer is taken, and when.
#include <algorithm>

#include "dhcp/client.h"

namespace bootwire::dhcp {

namespace {

using std::chrono::seconds;

/// Servers whose offers are reported one by one.
constexpr size_t max_told_servers = 8;
/// systemd's server, up to version 247, has option 17 in the ACK and not in the OFFER. Whether one
/// has is found out by a request: once others have had the time to make a better offer, and seldom,
/// as a server is made to lease an address for it.
constexpr seconds look_into_ack_after{5};
constexpr seconds look_into_ack_again_after{30};

}  // namespace

void Client::handle_discover_answer(const Message& message, const IpAddress& sender, Moment now) {
    // An ACK without option 80 answers no DISCOVER (RFC 4039 section 3.1).
    const bool committed = message.type == MessageType::ack && settings_.rapid_commit &&
                           message.options.has(option::rapid_commit);
    if (message.type != MessageType::offer && !committed) return;
    auto lease = answered_with(message);
    // What comes by way of a relay is sent by that.
    const bool is_direct = message.relay.is_unspecified();
    if (lease && lease->server.is_unspecified() && is_direct) lease->server = sender;
    if (lease && !lease->server.is_unspecified()) {
        handle_offer(*lease, committed, now);
    } else if (!std::exchange(told_malformed_, true)) {
        note("a DHCP offer is passed over: " +
                 (lease ? "it does not name its server (option 54)" : lease.error().to_string()),
             true);
    }
}

/// What is wrong with a root path that there is.
std::string Client::flaw_of(const Lease& lease) const {
    const bool is_looked_at = !lease.root_path.empty() && settings_.find_flaw;
    return is_looked_at ? settings_.find_flaw(lease) : std::string();
}

void Client::handle_offer(const Lease& lease, bool committed, Moment now) {
    if (settings_.root_path == RootPathPolicy::ignored) return take({lease, committed}, now);
    const std::string flaw = flaw_of(lease);
    if (!lease.root_path.empty() && flaw.empty()) return take({lease, committed}, now);
    saw_offer_ = true;
    flaw_ = flaw;
    const bool told = std::ranges::find(told_servers_, lease.server) != told_servers_.end();
    if (!told && told_servers_.size() < max_told_servers) {
        told_servers_.push_back(lease.server);
        const std::string server = lease.server.to_string();
        note(flaw.empty() ? "DHCP offer without root path (option 17) from " + server +
                                ", waiting for a better one"
                          : "DHCP offer from " + server + ", waiting for a better one: " + flaw,
             !flaw.empty());
    }
    if (candidate_ || looks_into_ack_) return;
    if (settings_.root_path == RootPathPolicy::required) {
        const bool is_known = committed || !lease.root_path.empty();
        if (is_known || (look_again_at_ && now < *look_again_at_)) return;
        settle_at_ = now + look_into_ack_after;
    } else {
        settle_at_ = now + settings_.offer_wait;
    }
    candidate_ = Offer{lease, committed};
}

void Client::look_into_ack(Moment now) {
    note(
        "no better DHCP offer comes; whether there is a root path in the answer to a request is "
        "looked at");
    look_again_at_ = now + look_into_ack_again_after;
    take(*candidate_, now);
    looks_into_ack_ = true;
}

/// Back to asking, in the same exchange: who is slower than this server answers still. The lease is
/// left as the firmware's has been: the same machine asks again.
void Client::leave_unused(const Lease& lease, Moment now) {
    note("the answer of " + lease.server.to_string() +
             (flaw_.empty() ? " has no root path (option 17) either" : " cannot be used: " + flaw_),
         !flaw_.empty());
    forget_exchange();
    state_ = State::selecting;
    retransmit_at_ = now + back_off(attempt_);
}

void Client::take(const Offer& offer, Moment now) {
    // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): may be *candidate_
    const Offer taken = offer;
    settle_at_.reset();
    candidate_.reset();
    looks_into_ack_ = false;
    probe(taken.lease.address.address, now);
    if (taken.committed) return bind(taken.lease, now);
    note("DHCP offers " + taken.lease.address.to_string() + " from " +
         taken.lease.server.to_string());
    state_ = State::requesting;
    selected_ = taken.lease;
    requested_at_ = now;
    attempt_ = 0;
    send_request(now);
}

}  // namespace bootwire::dhcp
