// The help disk: while the boot fails, a computer on the port that can be a device finds a small
// disk there that explains why, and on which settings can be changed.
#pragma once

#include <optional>
#include <string>

#include "board/board.h"
#include "handoff/usb_device.h"
#include "helpdisk/disk_watch.h"
#include "plan/command_line.h"
#include "screen/view.h"

namespace bootwire::init {

class HelpDisk {
  public:
    explicit HelpDisk(const board::Board& board) : serial_(board.serial) {}
    HelpDisk(const HelpDisk&) = delete;
    HelpDisk& operator=(const HelpDisk&) = delete;
    ~HelpDisk() { withdraw(); }

    /// Shows the disk, with what the view says, if the board has such a port. A computer that uses
    /// the disk keeps what it has, until it has written settings. said: bootwire.txt as it is.
    void offer(const screen::View& view, const plan::CommandLine& said);
    /// Call it about once a second: what bootwire.txt says, once somebody has changed it.
    std::optional<plan::CommandLine> look(const plan::CommandLine& said);
    bool is_shown() const { return device_.has_value(); }
    /// Takes the disk out: the port is needed, or nothing fails any more.
    void withdraw();

  private:
    Status write_files(const screen::View& view, const plan::CommandLine& said);
    std::optional<plan::CommandLine> read_back(const plan::CommandLine& said);
    uint64_t written() const;

    std::string serial_;
    std::optional<handoff::UsbDevice> device_;
    helpdisk::DiskWatch watch_;
    bool stale_ = false;  // what is on it has been answered
};

}  // namespace bootwire::init
