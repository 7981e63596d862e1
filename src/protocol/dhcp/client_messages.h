// The messages a client sends, as table 5 of RFC 2131 (section 4.4.1) prescribes their fields.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dhcp/lease.h"
#include "dhcp/message.h"

namespace bootwire::dhcp {

/// Who the client says it is.
struct ClientIdentity {
    MacAddress mac{};
    /// Option 60, for rules on the server. Without a version, so that a rule may compare for
    /// equality and survives an update.
    std::string vendor_class = "bootwire";
    /// Option 12 as the client's wish, or option 81 if it has a domain (is_host_name()); not sent
    /// if empty.
    std::string host_name{};
    /// Option 61; not sent if empty, and better left so: a server then knows the client by its MAC,
    /// as it knew the firmware that asked before, and gives the same address. A client identifier
    /// of our own would be a second client to it (RFC 2131 section 4.2).
    std::vector<uint8_t> client_id{};
};

/// What all messages of one exchange share.
struct Exchange {
    uint32_t transaction = 0;
    uint16_t seconds = 0;          ///< since the exchange began, at most 65535
    bool wants_broadcast = false;  ///< ask for an answer by broadcast
};

/// wish: an address the client had before. rapid_commit: whether an ACK may come at once (RFC
/// 4039).
Message make_discover(const ClientIdentity& identity, const Exchange& exchange,
                      const std::optional<IpAddress>& wish, bool rapid_commit);
/// Takes up an offer.
Message make_request(const ClientIdentity& identity, const Exchange& exchange,
                     const IpAddress& offered, const IpAddress& server);
/// Asks whether an address still holds after the link was away (INIT-REBOOT).
Message make_reboot_request(const ClientIdentity& identity, const Exchange& exchange,
                            const IpAddress& address);
/// Asks for more time, of one server by unicast (RENEWING) or of all by broadcast (REBINDING).
Message make_extension_request(const ClientIdentity& identity, const Exchange& exchange,
                               const IpAddress& address);
/// Turns an acknowledged address down because someone else uses it.
Message make_decline(const ClientIdentity& identity, uint32_t transaction, const Lease& lease);
/// Gives the lease back.
Message make_release(const ClientIdentity& identity, uint32_t transaction, const Lease& lease);

}  // namespace bootwire::dhcp
