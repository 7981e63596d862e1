// One initiator of many: has its session in user space, where the keeper has the kernel's initiator
// for it. How the session comes back is the keeper's: the same state machine and the same executor.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "keeper/initiator.h"
#include "keeper/recovery_executor.h"
#include "net/pdu_stream.h"
#include "net/resolve.h"
#include "os/event_loop.h"
#include "os/fd.h"

namespace bootwire::peer {

/// What all members have done together.
struct Tally {
    unsigned connected = 0;        ///< sessions there are now
    unsigned logging_in = 0;       ///< logins under way now
    unsigned most_logging_in = 0;  ///< at one time
    uint64_t logins = 0;           ///< begun: somebody had answered
    uint64_t returns = 0;          ///< sessions that were there, or there again
};

class CrowdMember final : private keeper::Initiator {
  public:
    CrowdMember(EventLoop& loop, Tally& tally, const Endpoint& portal, const std::string& target,
                const std::shared_ptr<const net::NameServers>& name_servers, unsigned number);
    CrowdMember(const CrowdMember&) = delete;
    CrowdMember& operator=(const CrowdMember&) = delete;
    ~CrowdMember();

    /// As if its session had been lost just now.
    void begin() { executor_.lost("it begins"); }
    /// To connect.
    uint64_t attempts() const { return executor_.attempts(); }

  private:
    void stop_connection() override;
    Result<uint32_t> next_cmd_sn() override;
    Status bind(Fd socket) override;
    Status send(const keeper::SendPdu& pdu) override;
    Status start(const plan::Portal& portal, const iscsi::LoginResult& result) override;
    bool has_commands() override { return false; }
    void recovered(const keeper::Recovered&) override { ++tally_.returns; }
    void say(const keeper::RecoveryEvent&) override {}  // a thousand at once
    void carried_out() override {}

    void receive();
    /// Counts this one among those of whom it is true now.
    void become(unsigned Tally::* what);

    EventLoop& loop_;
    Tally& tally_;
    unsigned Tally::* is_ = nullptr;
    session::Account account_;
    Fd socket_;
    std::optional<net::PduStream> pdus_;
    uint32_t exp_stat_sn_ = 0;
    keeper::RecoveryExecutor executor_;
};

}  // namespace bootwire::peer
