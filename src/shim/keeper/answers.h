// What the keeper answers when it is asked over the control socket.
#pragma once

#include <string>
#include <vector>

#include "control/answer.h"
#include "control/report.h"
#include "control/server.h"
#include "keeper/keeper_state.h"
#include "keeper/lease_keeper.h"
#include "keeper/session_keeper.h"
#include "os/event_loop.h"
#include "os/fd.h"

namespace bootwire::keeper {

class Answers {
  public:
    /// given: outlives this. disk_counters: an open descriptor of /sys/block/DISK/stat. log: the
    /// keeper's last lines.
    Answers(EventLoop& loop, const KeeperState& given, SessionKeeper& session,
            const LeaseKeeper& lease, Fd disk_counters, std::function<std::string()> log);
    Answers(const Answers&) = delete;
    Answers& operator=(const Answers&) = delete;

    /// Answers a request, at once or later; false if it is none of its.
    using Other = std::function<bool(const control::Request&, control::Server&)>;
    /// Serves at the listening socket from now on; other is asked first.
    void listen(Fd listening, Other other);

  private:
    void on_request(const control::Request& request);
    void reconnect(uint64_t client);
    void answer_waiting();
    control::Answer not_back() const;
    control::Report report() const;
    control::SessionReport session_report() const;
    control::AddressReport address_report() const;
    control::DiskReport disk_report() const;

    EventLoop& loop_;
    const KeeperState& given_;
    SessionKeeper& session_;
    const LeaseKeeper& lease_;
    Fd disk_counters_;
    std::function<std::string()> log_;
    Other other_;
    std::optional<control::Server> server_;
    std::vector<uint64_t> waiting_;  // clients that wait for the session
};

}  // namespace bootwire::keeper
