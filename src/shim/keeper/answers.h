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

/// Where the kernel counts, open; both outlive who reads them.
struct DiskFiles {
    const Fd& counters;     ///< /sys/block/DISK/stat
    const Fd& overlay_use;  ///< mm_stat of the memory for changes; may be none
};

class Answers {
  public:
    /// stages: of this boot. log: the keeper's last lines.
    Answers(EventLoop& loop, SessionKeeper& session, const LeaseKeeper& lease, KeptDisk disk,
            DiskFiles disk_files, std::vector<control::BootStage> stages,
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
    const DiskFiles disk_files_;
    const std::vector<control::BootStage> stages_;
    std::function<std::string()> log_;
    std::list<Waiting> waiting_;
};

}  // namespace bootwire::keeper
