// From nothing to a lease: INIT, SELECTING, REQUESTING. Which offer is taken is in
// client_offers.cpp, what comes after in client_bound.cpp.
#include "dhcp/client.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "dhcp/arp.h"

namespace bootwire::dhcp {

namespace {

using std::chrono::seconds;

/// Requests without an answer after which the offer is given up: its server is gone, or it reserved
/// the address for another client meanwhile.
constexpr size_t max_requests = 3;
/// How long answers to a probe count (RFC 5227 section 1.1, ANNOUNCE_WAIT).
constexpr seconds probe_wait{2};

const IpAddress everyone = IpAddress::v4(255, 255, 255, 255);

bool is_for(Bytes payload, uint32_t transaction, const MacAddress& mac) {
    return payload.size() >= 34 && load_be32(&payload[4]) == transaction &&
           std::ranges::equal(payload.subspan(28, 6), mac.bytes);
}

}  // namespace

std::string_view to_string(State state) {
    static constexpr std::string_view names[] = {"stopped", "INIT",     "SELECTING", "REQUESTING",
                                                 "BOUND",   "RENEWING", "REBINDING", "REBOOTING"};
    return names[static_cast<size_t>(state)];
}

Client::Client(ClientSettings settings, Random random)
    : settings_(std::move(settings)), random_(std::move(random)) {
    on_interfaces(settings_.other_macs);
}

void Client::on_interfaces(std::vector<MacAddress> other_macs) {
    own_macs_ = std::move(other_macs);
    own_macs_.push_back(settings_.identity.mac);
}

Actions Client::start(Moment now) {
    forget_lease();
    naks_ = 0;
    told_servers_.clear();
    look_again_at_.reset();
    start_over(now, now);
    return take_actions();
}

Actions Client::on_packet(Bytes packet, Checksum checksum, Moment now) {
    const auto received = parse_packet(packet, checksum);
    if (!received) return {};
    return on_message(received->message, now, received->source);
}

Actions Client::on_message(Bytes payload, Moment now, const IpAddress& sender) {
    if (!is_for(payload, transaction_, settings_.identity.mac)) return {};
    const auto message = parse_message(payload);
    if (message && message->from_server) {
        dispatch(*message, sender, now);
    } else if (!message && !std::exchange(told_malformed_, true)) {
        note("a DHCP answer is passed over: " + message.error().to_string(), true);
    }
    return take_actions();
}

void Client::dispatch(const Message& message, const IpAddress& sender, Moment now) {
    switch (state_) {
        case State::selecting:
            return handle_discover_answer(message, sender, now);
        case State::requesting:
            // A better one that comes late is still better.
            if (looks_into_ack_ && message.type == MessageType::offer)
                return handle_discover_answer(message, sender, now);
            return handle_request_answer(message, now);
        case State::renewing:
        case State::rebinding:
        case State::rebooting:
            return handle_extension_answer(message, now);
        case State::stopped:
        case State::init:
        case State::bound:
            return;
    }
}

Actions Client::on_arp(Bytes packet, Moment now) {
    if (!probed_ || !probe_end_ || conflict_) return {};
    conflict_ = find_conflict(packet, *probed_, own_macs_);
    // Before the ACK there is nothing to decline: bind() will see it.
    if (conflict_ && holds_lease()) decline(now);
    return take_actions();
}

Actions Client::on_timer(Moment now) {
    if (holds_lease()) {
        bound_timer(now);
    } else if (state_ == State::init && init_at_ && now >= *init_at_) {
        begin_selecting(now);
    } else if (state_ == State::selecting) {
        selecting_timer(now);
    } else if (state_ == State::requesting) {
        requesting_timer(now);
    }
    return take_actions();
}

Actions Client::on_link(bool up, Moment now) {
    const bool was_up = std::exchange(link_up_, up);
    if (state_ == State::stopped || (!up && !was_up)) return {};
    if (holds_lease()) {
        if (!up) return {};
        const bool asking = state_ == State::renewing || state_ == State::rebinding;
        asking ? send_extension(now) : begin_reboot(now);
    } else {
        start_over(now, now);
    }
    return take_actions();
}

std::optional<Moment> Client::next_deadline() const {
    std::optional<Moment> next;
    const auto consider = [&](const std::optional<Moment>& moment) {
        if (moment && (!next || *moment < *next)) next = moment;
    };
    consider(init_at_);
    consider(retransmit_at_);
    consider(settle_at_);
    if (holds_lease()) {
        consider(probe_end_);
        if (state_ != State::renewing && state_ != State::rebinding) consider(renew_at_);
        if (state_ != State::rebinding) consider(rebind_at_);
        consider(expires_at_);
        if (state_ == State::bound) consider(tell_at_);
    }
    return next;
}

Milliseconds Client::jittered(Milliseconds base) {
    const auto range = static_cast<uint32_t>(base.count() / 2 + 1);
    return base - base / 4 + Milliseconds(random_() % range);
}

/// RFC 2131 section 4.1 begins with 4 s and doubles up to 64. Someone waits for this machine, so
/// it begins with 1; and a switch with spanning tree passes nothing on for its first 30 to 50 s,
/// so until then no pause is longer than 8 s.
Milliseconds Client::back_off(size_t attempt) {
    static constexpr int pauses[] = {1, 2, 4, 8, 8, 8, 8, 8, 16, 30};
    return jittered(seconds(pauses[std::min(attempt, std::size(pauses) - 1)]));
}

void Client::begin_exchange(Moment now) {
    transaction_ = random_();
    exchange_start_ = now;
    attempt_ = 0;
    told_malformed_ = false;
    foreign_nak_.reset();
    foreign_naks_ = 0;
    foreign_nak_attempt_ = 0;
}

/// Packet sockets see unicast answers. Every second attempt asks for broadcast nevertheless, for
/// networks that lose frames to a station they have not yet heard of.
Exchange Client::exchange(Moment now) const {
    const auto elapsed = std::chrono::duration_cast<seconds>(now - exchange_start_).count();
    return {transaction_, static_cast<uint16_t>(std::clamp<int64_t>(elapsed, 0, 0xffff)),
            attempt_ % 2 == 1};
}

void Client::act(Action action) {
    actions_.push_back(std::move(action));
}

void Client::note(std::string text, bool warning) {
    act(Event{std::move(text), warning});
}

void Client::broadcast(const Message& message, const IpAddress& source) {
    act(SendBroadcast{build_packet(source, everyone, build_message(message))});
}

/// A message has just been sent. Its answer is awaited for the pause, then the message is sent
/// again.
void Client::retransmit_after(Milliseconds pause, Moment now) {
    sent_at_ = now;
    retransmit_at_ = now + pause;
    ++attempt_;
}

/// RFC 2131 section 4.4.1: a lease counts from the moment at which the request was sent. A server
/// that comes up after hours of asking answers the last message, not the first.
Result<Lease> Client::answered_with(const Message& message) const {
    auto lease = read_lease(message);
    if (lease) lease->since = sent_at_;
    return lease;
}

void Client::probe(const IpAddress& address, Moment now) {
    probed_ = address;
    probe_end_ = now + probe_wait;
    conflict_.reset();
    const ArpPacket packet = build_arp_probe(settings_.identity.mac, address);
    act(SendArp{{packet.begin(), packet.end()}});
}

void Client::forget_exchange() {
    init_at_.reset();
    retransmit_at_.reset();
    settle_at_.reset();
    candidate_.reset();
    selected_.reset();
    looks_into_ack_ = false;
    early_ = false;
    probed_.reset();
    probe_end_.reset();
    conflict_.reset();
}

/// Back to INIT, and on from there at `when` if there is a link.
void Client::start_over(Moment when, Moment now) {
    forget_exchange();
    state_ = State::init;
    if (!link_up_) return;
    if (when <= now) {
        begin_selecting(now);
    } else {
        init_at_ = when;
    }
}

void Client::begin_selecting(Moment now) {
    state_ = State::selecting;
    init_at_.reset();
    saw_offer_ = false;
    begin_exchange(now);
    send_discover(now);
}

/// The transaction stays the same from one attempt to the next: a server that first looks whether
/// the address is free answers the first one seconds later.
void Client::send_discover(Moment now) {
    const Exchange shared = exchange(now);
    selected_seconds_ = shared.seconds;
    broadcast(make_discover(settings_.identity, shared, settings_.wish, settings_.rapid_commit),
              IpAddress{});
    if (attempt_ > 0 && !candidate_) {
        note((saw_offer_ ? "no usable DHCP offer yet" : "no DHCP answer yet") +
             std::string(", asking again (attempt ") + std::to_string(attempt_ + 1) + ")");
    }
    retransmit_after(back_off(attempt_), now);
}

void Client::send_request(Moment now) {
    tell_at_.reset();
    Exchange shared = exchange(now);
    // RFC 2131 section 4.4.1: that of the DISCOVER.
    shared.seconds = selected_seconds_;
    broadcast(
        make_request(settings_.identity, shared, selected_->address.address, selected_->server),
        IpAddress{});
    retransmit_after(back_off(attempt_), now);
}

void Client::handle_request_answer(const Message& message, Moment now) {
    const auto server = message.options.address(option::server_id);
    if (server && *server != selected_->server) return;
    if (message.type == MessageType::nak) return handle_nak(message, now);
    if (message.type != MessageType::ack) return;
    auto lease = answered_with(message);
    if (!lease) {
        note("a DHCP answer is passed over: " + lease.error().to_string(), true);
        return;
    }
    if (!server) lease->server = selected_->server;
    if (looks_into_ack_) {
        flaw_ = flaw_of(*lease);
        if (lease->root_path.empty() || !flaw_.empty()) return leave_unused(*lease, now);
    }
    lease->since = requested_at_;  // seconds ago: it may have been the first that was answered
    if (lease->address.address != probed_) probe(lease->address.address, now);
    bind(std::move(*lease), now);
}

void Client::handle_nak(const Message& message, Moment now) {
    const IpAddress asked = holds_lease() ? lease_->server : selected_->server;
    const IpAddress server = message.options.address(option::server_id).value_or(asked);
    const std::string said = message.options.text(option::text);
    std::string reason = "DHCP server " + server.to_string() + " refuses";
    if (!said.empty()) reason += ": " + printable(said);
    if (holds_lease()) {
        lose(std::move(reason));
    } else {
        note(std::move(reason), true);
    }
    settings_.wish.reset();
    start_over(now + back_off(naks_++), now);
}

void Client::selecting_timer(Moment now) {
    if (settle_at_ && now >= *settle_at_) {
        const bool is_required = settings_.root_path == RootPathPolicy::required;
        return is_required ? look_into_ack(now) : take(*candidate_, now);
    }
    if (retransmit_at_ && now >= *retransmit_at_) send_discover(now);
}

void Client::requesting_timer(Moment now) {
    if (!retransmit_at_ || now < *retransmit_at_) return;
    if (attempt_ < max_requests) return send_request(now);
    note("DHCP server " + selected_->server.to_string() +
             " does not answer the request for its offer, asking all again",
         true);
    start_over(now, now);
}

}  // namespace bootwire::dhcp
