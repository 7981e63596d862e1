#include "init/bootloader_stage.h"

#include <time.h>

#include <cstdlib>
#include <utility>

#include "board/ending.h"
#include "bootloader/card_update.h"
#include "bootloader/running.h"
#include "bootloader/wishes.h"
#include "eeprom/image.h"
#include "eeprom/update.h"
#include "handoff/mount.h"
#include "os/clock.h"
#include "os/log.h"

namespace bootwire::init {

namespace {

using namespace std::chrono_literals;
using bootloader::CardImage;
using eeprom::RunningBootloader;

constexpr char is_told_in[] = "docs/eeprom.md tells more";
constexpr Milliseconds time_to_read = 3s;  // what the screen says; once in a Pi's life

void leave_alone(const Error& why) {
    log::info("the bootloader is left as it is: " + why.to_string());
}

Result<bootloader::Leftovers> look_at_card(const Card& card,
                                           const plan::CommandLine& command_line) {
    const auto mounted = card.mount_own(command_line, Card::Access::read);
    if (!mounted) return std::unexpected(mounted.error());
    return bootloader::look_for_update(mounted->path());
}

/// Nothing is to be changed: what an update has left on the card goes.
Status tidy_up(const Card& card, const plan::CommandLine& command_line,
               const RunningBootloader& running, bool was_tried) {
    const auto mounted = card.mount_own(command_line, Card::Access::read_write);
    if (!mounted) return std::unexpected(mounted.error());
    if (auto gone = bootloader::take_from_card(mounted->path(), false); !gone) return gone;
    if (was_tried) log::info("EEPROM flashed: the Pi " + bootloader::order_in_words(running));
    return {};
}

/// The update that makes the bootloader's configuration what is wanted. content: what it is known
/// by afterwards.
Result<eeprom::Update> make_update(const CardImage& from, const RunningBootloader& running,
                                   const plan::BootloaderWishes& wishes, std::string& content) {
    auto image = eeprom::Image::parse({from.image.begin(), from.image.end()});
    if (!image) return std::unexpected(image.error());
    if (auto may = eeprom::may_replace(*image, running); !may) return std::unexpected(may.error());
    const auto own = image->configuration();
    if (!own) return std::unexpected(own.error());
    RunningBootloader base = running;
    base.configuration = eeprom::configuration_to_keep(running.configuration, *own);
    const auto wanted = bootloader::wanted_configuration(base, wishes);
    if (!wanted) return std::unexpected(wanted.error());
    content = bootloader::content_of(from, *wanted);
    const auto now = static_cast<uint64_t>(time(nullptr));
    return eeprom::prepare_update(std::move(*image), *wanted,
                                  eeprom::next_update_time(now, running.updated));
}

/// On the screen, from here to the restart.
void show_update(const RunningBootloader& running, const std::string& wanted, Progress& progress) {
    RunningBootloader next = running;
    next.configuration = wanted;
    const std::string now = bootloader::order_in_words(running);
    const std::string then = bootloader::order_in_words(next);
    const std::string both = now == then ? "the Pi " + now + ", as before; another setting changes"
                                         : "the Pi " + now + "; after this it " + then;
    progress.working("EEPROM update: leave the power on",
                     "the Pi restarts, its firmware writes the EEPROM, and it starts once more",
                     both);
}

/// An error if it cannot be done, or did not help the last time.
Status flash(const Card& card, const plan::CommandLine& command_line,
             const RunningBootloader& running, const plan::BootloaderWishes& wishes,
             const std::string& wanted, Telling& telling) {
    if (auto takes = eeprom::takes_update(running); !takes) return takes;
    const auto mounted = card.mount_own(command_line, Card::Access::read_write);
    if (!mounted) return std::unexpected(mounted.error());
    const std::string& folder = mounted->path();
    const auto image = bootloader::find_image(folder, running.revision);
    if (!image) return std::unexpected(image.error());
    if (!*image)
        return fail("the SD card has no image for this board to change it with", is_told_in);
    std::string content;
    const auto update = make_update(**image, running, wishes, content);
    if (!update) return std::unexpected(update.error());
    if (bootloader::tried_content(folder) == content) {
        if (auto gone = bootloader::take_from_card(folder, true); !gone) return gone;
        return fail("the update did not take, and is not tried again with the same content",
                    "is the EEPROM write-protected (eeprom_write_protect=, a jumper)?");
    }
    telling.enter("bootloader");
    show_update(running, wanted, telling.progress);
    return bootloader::put_on_card(folder, *update, (*image)->recovery, content);
}

}  // namespace

void look_after_bootloader(const board::Board& board, const plan::BootloaderWishes& wishes,
                           const Card& card, const plan::CommandLine& command_line,
                           Telling& telling) {
    if (!has_own_card()) return;
    const auto running = bootloader::read_running(board);
    if (!running) return leave_alone(running.error());
    if (!*running) return;  // no such EEPROM
    log::info("the Pi " + bootloader::order_in_words(**running));
    const auto wanted = bootloader::wanted_configuration(**running, wishes);
    if (!wanted) return leave_alone(wanted.error());
    const auto left = look_at_card(card, command_line);
    if (!left) return leave_alone(left.error());
    if (*wanted == (*running)->configuration) {
        if (!left->any()) return;
        const auto tidied = tidy_up(card, command_line, **running, left->noted);
        if (!tidied) log::warning(tidied.error().to_string());
        return;
    }
    if (auto done = flash(card, command_line, **running, wishes, *wanted, telling); !done) {
        return leave_alone(done.error());
    }
    log::info("the bootloader's EEPROM is written at the next start; restarting");
    sleep_for(time_to_read);
    board::end_machine(board::Verb::reboot);
}

}  // namespace bootwire::init
