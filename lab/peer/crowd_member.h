// One initiator of many: carries out what session/recovery.h decides, where the keeper has the
// kernel's initiator to do it.
#pragma once

#include <optional>

#include "keeper/recovery.h"
#include "net/pdu_stream.h"
#include "os/event_loop.h"
#include "os/fd.h"

namespace bootwire::peer {

/// What all members have done together.
struct Tally {
    unsigned connected = 0;        ///< sessions there are now
    unsigned logging_in = 0;       ///< logins under way now
    unsigned most_logging_in = 0;  ///< at one time
    uint64_t attempts = 0;         ///< to connect
    uint64_t logins = 0;           ///< begun: somebody had answered
    uint64_t returns = 0;          ///< sessions that were there, or there again
};

class CrowdMember {
  public:
    CrowdMember(EventLoop& loop, Tally& tally, const Endpoint& portal, const std::string& target,
                unsigned number);
    CrowdMember(const CrowdMember&) = delete;
    CrowdMember& operator=(const CrowdMember&) = delete;
    ~CrowdMember();

    /// As if its session had been lost just now.
    void begin();

  private:
    void perform(keeper::RecoveryActions actions);
    void connect();
    void connected();
    void disconnect();
    void receive();
    keeper::RecoveryActions send(const keeper::SendPdu& pdu);
    void count();
    void set_timer();

    EventLoop& loop_;
    Tally& tally_;
    Endpoint portal_;
    session::Account account_;
    keeper::Recovery recovery_;
    keeper::Recovery::State counted_ = keeper::Recovery::State::waiting;
    Fd socket_;
    std::optional<net::PduStream> pdus_;
    uint32_t exp_stat_sn_ = 0;
    std::optional<EventLoop::TimerId> timer_;
};

}  // namespace bootwire::peer
