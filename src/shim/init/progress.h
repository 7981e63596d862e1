// How far the boot is, for the splash.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "board/board.h"
#include "screen/splash.h"
#include "screen/view.h"

namespace bootwire::init {

class Progress {
  public:
    explicit Progress(const board::Board& board);

    /// From now on there is a splash, if there is a screen; once is enough.
    void start();
    /// The stage before is done, if it has not failed.
    void enter(std::string_view stage);
    /// What came out of the stage, or what it is at.
    void detail(std::string text);
    /// The stage goes on once this is over.
    void waiting(const Error& error);
    /// Something that is none of the steps is being done; the next stage ends it.
    void working(std::string title, std::string text, std::string hint);
    /// The stage has failed; the next attempt is to begin after the pause.
    void failed(const Error& error, int attempt, Milliseconds pause);
    /// Where a person can step in while the boot waits or fails.
    void offer(std::string help);
    /// The screen is the text console again, until the next system has it.
    void give_up_screen();
    /// Everything is done; the screen belongs to the next system.
    void end();

    const screen::View& view() const { return view_; }

  private:
    screen::Step* running_step();
    void show() { splash_.show(view_); }

    screen::View view_;
    screen::Splash splash_;
    bool wanted_ = false;
    bool given_up_ = false;
    size_t failed_step_ = 0;  // while there is a notice of a failure
};

}  // namespace bootwire::init
