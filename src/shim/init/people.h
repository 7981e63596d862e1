// The people in front of the Pi, or at the other end of its USB cable: what they have said, what
// they want, and how they are attended to while the Pi boots.
#pragma once

#include <functional>
#include <string>

#include "base/time.h"
#include "board/board.h"
#include "board/ending.h"
#include "board/watchdog.h"
#include "init/card.h"
#include "init/findings.h"
#include "init/help_disk.h"
#include "init/rescue_console.h"
#include "init/telling.h"
#include "plan/command_line.h"
#include "plan/request.h"

namespace bootwire::init {

class People final : private RescueHost {
  public:
    /// What those who ask are answered from, and what the answers are given with, must outlive
    /// this. command_line: the kernel's own.
    People(const board::Board& board, board::Watchdog& watchdog, Telling& telling,
           const Findings& findings, plan::CommandLine command_line);

    plan::Given given;          ///< what they have said, with the secrets
    bool retry_wanted = false;  ///< somebody has said something new: begin again with it
    /// What ends the machine when somebody asks for it; mode usb has a session to log out first.
    std::function<void(board::Verb)> end = board::end_machine;

    const Card& card() const { return card_; }
    /// Takes what the SD card says that this Pi started from. Once, before the first attempt.
    void read_card() { given.card = card_.settings(given.command_line); }
    /// Who is listened to (bootwire.console=) and who is offered a disk (bootwire.help=).
    void allow(bool rescue_console, bool help_disk);
    /// Listens from now on, unless that is not wanted.
    void start_attending() { rescue_wanted_ ? rescue_.open() : rescue_.close(); }
    /// Takes what was typed or written to the help disk. Call it at least every second.
    void attend();
    /// Until something is typed, for the given time at most.
    void wait(Milliseconds longest) const { rescue_.wait(longest); }
    /// Has somebody asked something just now? The next attempt would be in the way.
    bool are_asking() const { return rescue_.is_in_use(); }
    /// Something fails, or is waited for: what the splash says is on the help disk, too, and the
    /// splash says where a person can step in.
    void offer_help();
    /// The USB port is needed.
    void withdraw_help_disk() { help_disk_.withdraw(); }
    /// The ports and consoles belong to the next system.
    void stop_attending();

  private:
    std::string carry_out(const rescue::Order& order) override;
    void set(const std::string& name, const std::string& value) override;
    void lend_screen() override { telling_.progress.give_up_screen(); }

    std::string try_again();
    void read_help_disk();

    const board::Board& board_;
    board::Watchdog& watchdog_;
    Telling& telling_;
    const Findings& findings_;
    HelpDisk help_disk_;
    Card card_;
    RescueConsole rescue_;
    bool rescue_wanted_ = true;
    bool help_wanted_ = true;
    bool attending_ = false;  // an answer may wait for something, and so come to attend() again
};

}  // namespace bootwire::init
