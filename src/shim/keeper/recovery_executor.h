// Carries out what keeper/recovery.h decides: names, connections and time; what concerns the
// session itself goes to the initiator that has it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "keeper/initiator.h"
#include "keeper/known_addresses.h"
#include "keeper/look_ups.h"
#include "keeper/recovery.h"
#include "net/pdu_stream.h"
#include "net/resolve.h"
#include "os/event_loop.h"
#include "os/fd.h"
#include "session/account.h"
#include "session/hold.h"

namespace bootwire::keeper {

/// Where the session may be.
struct Whereabouts {
    std::vector<plan::Portal> portals;                     ///< at least one; the first is its own
    std::shared_ptr<const net::NameServers> name_servers;  ///< may change with a lease
    Addresses addresses;                                   ///< of the portals that have a name
};

class RecoveryExecutor {
  public:
    /// account, initiator: outlive this.
    RecoveryExecutor(EventLoop& loop, Initiator& initiator, const session::Account& account,
                     const Whereabouts& where);
    RecoveryExecutor(const RecoveryExecutor&) = delete;
    RecoveryExecutor& operator=(const RecoveryExecutor&) = delete;
    ~RecoveryExecutor();

    void hold(const session::Hold& hold) { recovery_.hold(hold); }
    /// See Recovery::try_out_with().
    void try_out_with(iscsi::Lun lun) { recovery_.try_out_with(lun); }
    void keep_to_named_portals() { recovery_.keep_to_named_portals(); }

    /// As Recovery's on_lost(), on_no_io(), on_pdu(), on_network_back(), on_renew(),
    /// on_access_changed() and learn().
    void lost(const std::string& reason);
    void no_io(const std::string& reason);
    void receive(const iscsi::PduView& pdu);
    void network_back();
    void renew(const std::string& reason);
    void access_changed();
    void learn(const std::vector<plan::Portal>& portals);
    /// From here on nothing is restored, whatever happens.
    void stop();

    const Recovery& recovery() const { return recovery_; }
    /// The name's address, as far as it is known.
    std::optional<IpAddress> address_of(const std::string& name) const;
    /// How often it has tried to connect since it was made.
    uint64_t attempts() const { return attempts_; }

  private:
    void perform(RecoveryActions actions);
    RecoveryActions carry_out(const RecoveryAction& action);
    RecoveryActions connect(const Connect& to);
    RecoveryActions connect_to(const IpAddress& address);
    RecoveryActions connect_failed(int error);
    void looked_up(const std::string& name, const LookUps::Answer& answer);
    void connected();
    RecoveryActions log_in_over_socket();
    void receive_from_socket();
    void disconnect();
    RecoveryActions bind();
    RecoveryActions send(const SendPdu& pdu);
    void set_timer();

    EventLoop& loop_;
    Initiator& initiator_;
    Recovery recovery_;
    Fd socket_;
    std::optional<net::PduStream> pdus_;  // over socket_, where the login runs here
    KnownAddresses addresses_;
    LookUps look_ups_;
    plan::Portal asked_;            // the last one
    bool led_there_ = false;        // by a redirection
    Endpoint endpoint_;             // its address
    bool awaits_address_ = false;   // which is looked up for the first time
    bool knows_no_cmd_sn_ = false;  // the initiator does not tell it
    std::string name_trouble_;      // why a look-up failed: told once in an outage
    std::optional<EventLoop::TimerId> timer_;
    uint64_t attempts_ = 0;
    bool stopped_ = false;
};

}  // namespace bootwire::keeper
