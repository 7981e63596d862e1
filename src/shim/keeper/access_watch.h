// What the kernel hears of its way to the disk, and tells everybody.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "os/event_loop.h"
#include "os/fd.h"

namespace bootwire::keeper {

/// Hears that the target has changed the state of the port by which a session's disk is reached
/// (unit attention 2A/06): the kernel repeats the command that was told so, fails the next ones if
/// the port does not serve the disk any more, and waits only while it is going over.
class AccessWatch {
  public:
    using Tell = std::function<void()>;

    /// uevents: of open_uevents(); without them nothing is told. sid: of the session.
    AccessWatch(EventLoop& loop, Fd uevents, uint32_t sid, Tell tell);
    AccessWatch(const AccessWatch&) = delete;
    AccessWatch& operator=(const AccessWatch&) = delete;
    ~AccessWatch();

  private:
    void receive();

    EventLoop& loop_;
    Fd uevents_;
    uint32_t sid_;
    Tell tell_;
};

/// Invalid where the kernel has none.
Fd open_uevents();

/// Whether the kernel's message (lib/kobject_uevent.c: lines that end with a NUL) is about a disk
/// of this session's, and says that (scsi_evt_emit() of drivers/scsi/scsi_lib.c).
bool says_access_changed(std::string_view uevent, uint32_t sid);

}  // namespace bootwire::keeper
