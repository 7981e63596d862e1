// With a lease: BOUND, RENEWING, REBINDING, the question after the link was away, and the ways to
// lose it.
#include <algorithm>
#include <utility>

#include "dhcp/arp.h"
#include "dhcp/client.h"

namespace bootwire::dhcp {

namespace {

using std::chrono::seconds;

/// RFC 2131 section 3.1: at least ten seconds after a DECLINE, so that nothing loops fast.
constexpr seconds decline_pause{10};
/// Unanswered questions after the link came back: with the pauses between them, a switch with
/// spanning tree has had time to pass one on.
constexpr size_t max_reboot_requests = 8;
/// Unanswered requests for a lease that is not due yet.
constexpr size_t max_early_requests = 4;
/// Questions that only servers answer which did not give the lease, and all with a refusal: the one
/// that gave it has been replaced, or this is another network.
constexpr size_t max_foreign_naks = 3;

std::string duration_in_words(const Lease& lease) {
    if (lease.duration == forever) return "for ever";
    return "for " + std::to_string(lease.duration.count()) + " s";
}

}  // namespace

Actions Client::resume(const Lease& lease, Moment now) {
    forget_exchange();
    state_ = State::bound;
    lease_ = lease;
    set_lease_times();
    // Whatever is due already, expiry included, happens at once.
    bound_timer(now);
    return take_actions();
}

Actions Client::release(Moment) {
    if (holds_lease()) {
        const Message message = make_release(settings_.identity, random_(), *lease_);
        act(SendUnicast{lease_->server, build_message(message)});
    }
    forget_exchange();
    forget_lease();
    state_ = State::stopped;
    return take_actions();
}

Actions Client::on_host_name(std::string name, Moment now) {
    settings_.identity.host_name = std::move(name);
    tell_at_ = now;
    if (state_ == State::bound) bound_timer(now);
    return take_actions();
}

void Client::bind(Lease lease, Moment now) {
    const bool renewed = holds_lease();
    lease_ = std::move(lease);
    naks_ = 0;
    looks_into_ack_ = early_ = false;
    settings_.wish = lease_->address.address;
    selected_.reset();
    retransmit_at_.reset();
    state_ = State::bound;
    if (conflict_) return decline(now);
    set_lease_times();
    note("DHCP lease " + lease_->address.to_string() + " from " + lease_->server.to_string() + " " +
         duration_in_words(*lease_));
    act(Bound{*lease_, renewed});
}

void Client::set_lease_times() {
    renew_at_.reset();
    rebind_at_.reset();
    expires_at_.reset();
    if (lease_->duration == forever) return;
    // A sixteenth earlier at random (RFC 2131 section 4.4.5), so that machines that started
    // together do not renew together.
    const auto spread = static_cast<uint32_t>(lease_->renewal.count() / 16 + 1);
    renew_at_ = lease_->since + lease_->renewal - seconds(random_() % spread);
    rebind_at_ = lease_->since + lease_->rebinding;
    expires_at_ = lease_->since + lease_->duration;
}

void Client::forget_lease() {
    lease_.reset();
    renew_at_.reset();
    rebind_at_.reset();
    expires_at_.reset();
}

void Client::lose(std::string reason, const std::optional<IpAddress>& taken) {
    forget_lease();
    told_servers_.clear();
    act(Lost{std::move(reason), taken});
}

void Client::decline(Moment now) {
    broadcast(make_decline(settings_.identity, random_(), *lease_), IpAddress{});
    const IpAddress address = lease_->address.address;
    lose("address " + address.to_string() + " is in use by " + conflict_->to_string(), address);
    conflict_.reset();
    settings_.wish.reset();
    start_over(now + decline_pause, now);
}

void Client::begin_extension(State state, bool early, Moment now) {
    state_ = state;
    early_ = early;
    begin_exchange(now);
    send_extension(now);
}

/// RFC 2131 section 4.4.5: half of what is left until the next state, at least 60 s; less than
/// that for a short lease, which would end with a single lost packet.
Milliseconds Client::extension_pause(Moment now) {
    if (early_) return back_off(attempt_);
    const Milliseconds left = (state_ == State::renewing ? *rebind_at_ : *expires_at_) - now;
    const Milliseconds least =
        std::clamp<Milliseconds>(lease_->duration / 20, seconds(2), seconds(60));
    return jittered(std::max(left / 2, least));
}

void Client::send_extension(Moment now) {
    tell_at_.reset();
    Exchange shared = exchange(now);
    shared.wants_broadcast = false;  // the kernel has the address, unicast arrives
    const IpAddress own = lease_->address.address;
    const Message message = make_extension_request(settings_.identity, shared, own);
    if (state_ == State::renewing) {
        act(SendUnicast{lease_->server, build_message(message)});
    } else {
        broadcast(message, own);
    }
    retransmit_after(extension_pause(now), now);
}

/// RFC 2131 section 3.7 (INIT-REBOOT), and the permission there to go on with the lease if nobody
/// answers.
void Client::begin_reboot(Moment now) {
    state_ = State::rebooting;
    early_ = false;
    begin_exchange(now);
    send_reboot_request(now);
}

void Client::send_reboot_request(Moment now) {
    tell_at_.reset();
    broadcast(make_reboot_request(settings_.identity, exchange(now), lease_->address.address),
              IpAddress{});
    retransmit_after(back_off(attempt_), now);
}

void Client::handle_extension_answer(const Message& message, Moment now) {
    if (message.type == MessageType::nak) {
        const auto server = message.options.address(option::server_id);
        const bool foreign = server && *server != lease_->server;
        if (state_ == State::rebooting && foreign) return handle_foreign_nak(message);
        return handle_nak(message, now);
    }
    if (message.type != MessageType::ack) return;
    auto lease = answered_with(message);
    if (!lease) {
        note("a DHCP answer is passed over: " + lease.error().to_string(), true);
        return;
    }
    if (lease->server.is_unspecified()) lease->server = lease_->server;
    if (lease->address.address != lease_->address.address) probe(lease->address.address, now);
    bind(std::move(*lease), now);
}

/// The question whether the lease still holds goes to all, and an "authoritative" server that knows
/// nothing of it refuses, often before the one that gave it can answer. Its word counts once that
/// one is not there any more: bound_timer() sees to it.
void Client::handle_foreign_nak(const Message& message) {
    foreign_nak_ = message;
    if (std::exchange(foreign_nak_attempt_, attempt_) != attempt_) ++foreign_naks_;
}

void Client::bound_timer(Moment now) {
    if (expires_at_ && now >= *expires_at_) {
        lose("the DHCP lease of " + lease_->address.address.to_string() + " has expired");
        return start_over(now, now);
    }
    if (probe_end_ && now >= *probe_end_) {
        probe_end_.reset();
        const ArpPacket packet =
            build_arp_announcement(settings_.identity.mac, lease_->address.address);
        act(SendArp{{packet.begin(), packet.end()}});
    }
    if (rebind_at_ && now >= *rebind_at_ && state_ != State::rebinding) {
        note("the DHCP server " + lease_->server.to_string() + " did not renew, asking all", true);
        return begin_extension(State::rebinding, false, now);
    }
    if (renew_at_ && now >= *renew_at_ && state_ != State::renewing && state_ != State::rebinding) {
        return begin_extension(State::renewing, false, now);
    }
    if (tell_at_ && now >= *tell_at_ && state_ == State::bound) {
        return begin_extension(State::renewing, true, now);
    }
    if (!retransmit_at_ || now < *retransmit_at_) return;
    if (early_ && attempt_ >= max_early_requests) {
        retransmit_at_.reset();
        early_ = false;
        state_ = State::bound;
        return;
    }
    if (state_ != State::rebooting) return send_extension(now);
    const bool goes_on = attempt_ < max_reboot_requests && foreign_naks_ < max_foreign_naks;
    if (goes_on) return send_reboot_request(now);
    if (foreign_nak_) return handle_nak(Message(*foreign_nak_), now);
    retransmit_at_.reset();
    state_ = State::bound;
}

}  // namespace bootwire::dhcp
