// The bootloader of a Pi 4 or 5 that started from its card: has it look for a network, too, as
// bootwire.boot_order= says. docs/eeprom.md tells what a person sees of it.
#pragma once

#include "board/board.h"
#include "init/card.h"
#include "init/telling.h"
#include "plan/command_line.h"
#include "plan/request.h"

namespace bootwire::init {

/// Looks what the bootloader is told, and whether it is what is wanted. If not, and the card has an
/// image for this board: puts the update onto the card and restarts the Pi; what came of that is
/// said at the next start. Does nothing for other boards, and says why where it cannot do anything.
/// command_line: the kernel's own, by which the card is known.
void look_after_bootloader(const board::Board& board, const plan::BootloaderWishes& wishes,
                           const Card& card, const plan::CommandLine& command_line,
                           Telling& telling);

}  // namespace bootwire::init
