// The DHCP client's state machine (RFC 2131 section 4.4), for one interface. It does no I/O and
// reads no clock: packets and moments go in, actions come out, to be carried out in their order.
//
//     Client client(settings, random);
//     do_all(client.start(now));
//     for (;;) wait for a packet, a link change or client.next_deadline(), and tell the client.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/time.h"
#include "dhcp/client_messages.h"
#include "dhcp/lease.h"
#include "dhcp/packet.h"

namespace bootwire::dhcp {

/// Send this IPv4 packet (headers included) to the link's broadcast address, over a packet socket.
struct SendBroadcast {
    std::vector<uint8_t> packet;
};
/// Send this UDP payload from the leased address, port 68, to port 67 of the server.
struct SendUnicast {
    IpAddress to;
    std::vector<uint8_t> payload;
};
/// Send this ARP packet (without Ethernet header) to the link's broadcast address.
struct SendArp {
    std::vector<uint8_t> packet;
};
/// There is a lease: configure its address, or, if renewed, compare it with the one before.
struct Bound {
    Lease lease;
    bool renewed = false;
};
/// The lease is gone: take its address off the interface. The client is asking for another already.
struct Lost {
    std::string reason;
    /// The lease's address, if another host turned out to have it: the two disturb each other.
    std::optional<IpAddress> taken{};
};
/// One line for the log.
struct Event {
    std::string text;
    bool warning = false;
};
using Action = std::variant<SendBroadcast, SendUnicast, SendArp, Bound, Lost, Event>;
using Actions = std::vector<Action>;

/// What offers without a usable root path (option 17) are worth.
enum class RootPathPolicy {
    required,   ///< nothing: go on asking until one has it; a server that has it in its ACK alone
                ///< is found, too
    preferred,  ///< taken if no better one comes within ClientSettings::offer_wait
    ignored,    ///< as much as any other: the first offer is taken (the target is known already)
};

struct ClientSettings {
    ClientIdentity identity{};
    /// MACs of this machine's other interfaces; what they say on the same wire is no conflict.
    std::vector<MacAddress> other_macs{};  ///< see also Client::on_interfaces()
    RootPathPolicy root_path = RootPathPolicy::required;
    /// Gets offers that have a root path: a sentence why it cannot be used, or an empty text if it
    /// can. Without the function every root path can be used.
    std::function<std::string(const Lease&)> find_flaw{};
    Milliseconds offer_wait{2500};
    /// An address to ask for first, if this machine is known to have had it.
    std::optional<IpAddress> wish{};
    /// Saves a round trip with servers that have it switched on (RFC 4039); to others it is an
    /// unknown option, which they pass over.
    bool rapid_commit = true;
};

enum class State {
    stopped,
    init,  ///< waiting for the link or for the time to start over
    selecting,
    requesting,
    bound,
    renewing,
    rebinding,
    rebooting,  ///< bound, and making sure of it after the link was away
};
/// RFC 2131's word for it: "SELECTING".
std::string_view to_string(State state);

class Client {
  public:
    /// Evenly distributed 32-bit numbers: transaction numbers and jitter.
    using Random = std::function<uint32_t()>;

    Client(ClientSettings settings, Random random);

    /// Begins to ask for a lease, from scratch. Without the random delay of RFC 2131 section 4.4.1:
    /// someone is waiting for this machine to boot.
    Actions start(Moment now);
    /// Goes on with a lease that another process obtained; its `since` counts.
    Actions resume(const Lease& lease, Moment now);
    /// Gives the lease back, if there is one, and stops.
    Actions release(Moment now);

    /// An IPv4 packet from the packet socket. Anything that is not a DHCP answer to this client is
    /// passed over.
    Actions on_packet(Bytes packet, Checksum checksum, Moment now);
    /// A DHCP message. sender: stands in for a server that does not name itself; may be unknown.
    Actions on_message(Bytes payload, Moment now, const IpAddress& sender = {});
    /// An ARP packet (see arp.h).
    Actions on_arp(Bytes packet, Moment now);
    /// next_deadline() has come; harmless when it has not.
    Actions on_timer(Moment now);
    /// The wish in option 12 is another one now. With a lease, the server is told at once by
    /// renewing it; if it does not answer, it is told with the next renewal.
    Actions on_host_name(std::string name, Moment now);
    /// What ClientSettings::other_macs are by now: an interface has come or gone.
    void on_interfaces(std::vector<MacAddress> other_macs);
    /// The carrier came or went. The client takes it to be there until told otherwise: without a
    /// carrier, say so before start(). A carrier that came counts even if none was seen to go, as
    /// the loss may have been short: without a lease the client asks for one again at once, with
    /// one it asks the server whether it still holds.
    Actions on_link(bool up, Moment now);

    /// When on_timer() wants to be called; nothing if only a packet or the link can change things.
    std::optional<Moment> next_deadline() const;
    State state() const { return state_; }
    /// Since the last lease, has a server offered one that does not say where the disk is?
    bool saw_unusable_offer() const { return !told_servers_.empty(); }
    /// What is wrong with the root path of the last such offer; empty if it has none.
    const std::string& flaw() const { return flaw_; }
    /// The lease in use (bound and the states after it).
    const std::optional<Lease>& lease() const { return lease_; }

  private:
    struct Offer {
        Lease lease;
        bool committed;  ///< an ACK already (RFC 4039): no request needed
    };

    bool holds_lease() const { return lease_.has_value(); }
    Milliseconds jittered(Milliseconds base);
    Milliseconds back_off(size_t attempt);
    void begin_exchange(Moment now);
    Exchange exchange(Moment now) const;
    void act(Action action);
    void note(std::string text, bool warning = false);
    void broadcast(const Message& message, const IpAddress& source);
    void retransmit_after(Milliseconds pause, Moment now);
    Result<Lease> answered_with(const Message& message) const;
    void probe(const IpAddress& address, Moment now);

    void forget_exchange();
    void start_over(Moment when, Moment now);
    void begin_selecting(Moment now);
    void send_discover(Moment now);
    void take(const Offer& offer, Moment now);
    void look_into_ack(Moment now);
    void send_request(Moment now);
    void handle_discover_answer(const Message& message, const IpAddress& sender, Moment now);
    void handle_offer(const Lease& lease, bool committed, Moment now);
    std::string flaw_of(const Lease& lease) const;
    void handle_request_answer(const Message& message, Moment now);
    void leave_unused(const Lease& lease, Moment now);
    void handle_nak(const Message& message, Moment now);
    void selecting_timer(Moment now);
    void requesting_timer(Moment now);

    void bind(Lease lease, Moment now);
    void set_lease_times();
    void forget_lease();
    void lose(std::string reason, const std::optional<IpAddress>& taken = std::nullopt);
    void decline(Moment now);
    void begin_extension(State state, bool early, Moment now);
    void send_extension(Moment now);
    Milliseconds extension_pause(Moment now);
    void begin_reboot(Moment now);
    void send_reboot_request(Moment now);
    void handle_extension_answer(const Message& message, Moment now);
    void handle_foreign_nak(const Message& message);
    void bound_timer(Moment now);
    void dispatch(const Message& message, const IpAddress& sender, Moment now);
    Actions take_actions() { return std::exchange(actions_, {}); }

    ClientSettings settings_;
    Random random_;
    std::vector<MacAddress> own_macs_;
    Actions actions_;

    State state_ = State::stopped;
    bool link_up_ = true;
    std::optional<Lease> lease_;

    uint32_t transaction_ = 0;
    Moment exchange_start_{0};
    Moment sent_at_{0};   ///< the last message of this exchange
    size_t attempt_ = 0;  ///< messages of this kind sent in this exchange
    std::optional<Moment> retransmit_at_;
    std::optional<Moment> init_at_;
    std::optional<Moment> settle_at_;  ///< when a less than perfect offer is taken
    size_t naks_ = 0;                  ///< since the last lease
    bool told_malformed_ = false;
    bool saw_offer_ = false;
    bool looks_into_ack_ = false;  ///< the selected offer has no root path: perhaps its ACK has
    bool early_ = false;           ///< what is renewed is not due yet
    uint16_t selected_seconds_ = 0;
    std::vector<IpAddress> told_servers_;  ///< whose lack of a root path has been reported
    std::string flaw_;

    std::optional<Offer> candidate_;
    std::optional<Lease> selected_;
    std::optional<Moment> look_again_at_;  ///< not before that
    Moment requested_at_{0};

    std::optional<IpAddress> probed_;
    std::optional<Moment> probe_end_;
    std::optional<MacAddress> conflict_;

    std::optional<Message> foreign_nak_;  ///< in this exchange, of a server that gave no lease
    size_t foreign_naks_ = 0;             ///< how many requests were answered so
    size_t foreign_nak_attempt_ = 0;      ///< attempt_ at the last one

    std::optional<Moment> tell_at_;  ///< the host name, which no request has told yet
    std::optional<Moment> renew_at_;
    std::optional<Moment> rebind_at_;
    std::optional<Moment> expires_at_;
};

}  // namespace bootwire::dhcp
