// What the keeper answers when it is asked over the control socket.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "control/answer.h"
#include "control/report.h"
#include "control/server.h"
#include "keeper/kept_disk.h"
#include "keeper/lease_keeper.h"
#include "keeper/reply.h"
#include "keeper/session_keeper.h"
#include "os/event_loop.h"
#include "os/fd.h"

namespace bootwire::keeper {

class Answers {
  public:
    /// disk_counters: outlives this; /sys/block/DISK/stat, open. stages: of this boot. log: the
    /// keeper's last lines.
    Answers(EventLoop& loop, SessionKeeper& session, const LeaseKeeper& lease, KeptDisk disk,
            const Fd& disk_counters, std::vector<control::BootStage> stages,
            std::function<std::string()> log);
    Answers(const Answers&) = delete;
    Answers& operator=(const Answers&) = delete;

    ~Answers();

    void take(const control::Request& request, const Reply& reply);
    void on_session(const SessionEvent& event);

  private:
    /// A client that waits for the session.
    struct Waiting {
        Reply reply;
        uint64_t outages = 0;  // there were when it began to wait
        EventLoop::TimerId limit = 0;
    };

    control::Answer answer(const std::string& request) const;
    void reconnect(const Reply& reply);
    void answer_waiting(const control::Answer& with, uint64_t outages);
    control::Answer back() const;
    control::Answer not_back() const;
    control::Report report() const;
    control::SessionReport session_report() const;
    control::AddressReport address_report() const;
    control::DiskReport disk_report() const;

    EventLoop& loop_;
    SessionKeeper& session_;
    const LeaseKeeper& lease_;
    const KeptDisk disk_;
    const Fd& disk_counters_;
    const std::vector<control::BootStage> stages_;
    std::function<std::string()> log_;
    std::list<Waiting> waiting_;
};

}  // namespace bootwire::keeper
