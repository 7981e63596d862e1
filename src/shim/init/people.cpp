#include "init/people.h"

#include <utility>

#include "base/text.h"
#include "init/rescue_answers.h"
#include "os/log.h"
#include "plan/settings_file.h"

namespace bootwire::init {

using namespace std::chrono_literals;

People::People(const board::Board& board, board::Watchdog& watchdog, Telling& telling,
               const Findings& findings, plan::CommandLine command_line)
    : given{std::move(command_line)},
      board_(board),
      watchdog_(watchdog),
      telling_(telling),
      findings_(findings),
      help_disk_(board) {}

void People::allow(bool rescue_console, bool help_disk) {
    rescue_wanted_ = rescue_console;
    help_wanted_ = help_disk;
}

void People::attend() {
    if (attending_) return;
    attending_ = true;
    rescue_.look(*this);
    read_help_disk();
    attending_ = false;
}

std::string People::carry_out(const rescue::Order& order) {
    using rescue::Command;
    // Feeds the watchdog and nothing else: who is being answered is not to be listened to
    // meanwhile.
    const auto alive = [this] { watchdog_.expect_progress_within(60s); };
    switch (order.command) {
        case Command::status:
            return status_text(telling_.progress.view());
        case Command::log:
            return log_text(order.argument == "all");
        case Command::net:
            return net_text(findings_);
        case Command::dhcp:
            return dhcp_text(findings_);
        case Command::ping:
            return ping_text(order.argument, findings_, alive);
        case Command::login:
            return login_text(findings_, board_, alive);
        case Command::disks:
            return disks_text();
        case Command::set: {
            const size_t equals = order.argument.find('=');
            set(order.argument.substr(0, equals), order.argument.substr(equals + 1));
            return "set; `retry` tries again with it\n";
        }
        case Command::mode:
            set("iscsi.mode", order.argument);
            return try_again();
        case Command::retry:
            return try_again();
        case Command::reboot:
            end(board::Verb::reboot);
            return "ending\n";
        case Command::poweroff:
            end(board::Verb::poweroff);
            return "ending\n";
        case Command::help:
            break;
    }
    return std::string(rescue::help_text());
}

void People::set(const std::string& name, const std::string& value) {
    given.console.set(name, value);
}

std::string People::try_again() {
    retry_wanted = true;
    return "trying again\n";
}

void People::read_help_disk() {
    auto said = help_disk_.look(given.help_disk);
    if (!said) return;
    given.help_disk = std::move(*said);
    const std::string written = plan::write_settings_file(given.help_disk);
    for (const std::string_view line : split(written, '\n')) {
        if (!trim(line).empty()) log::info("bootwire.txt: " + printable(trim(line)));
    }
    retry_wanted = true;
    const auto keep = given.help_disk.value(plan::info(plan::Key::bootwire_keep).name);
    if (!keep) return;
    if (*keep != "card") return log::warning("bootwire.keep= is not \"card\"; nothing is kept");
    given.help_disk.remove(plan::info(plan::Key::bootwire_keep).name);
    const auto kept = card_.keep(given.help_disk, given.command_line);
    if (!kept) return log::warning("not kept on the SD card: " + kept.error().to_string());
    given.card.take_over(plan::known_settings(given.help_disk));
    log::info("kept on the SD card, in bootwire.txt");
}

void People::offer_help() {
    if (help_wanted_) help_disk_.offer(telling_.progress.view(), given.help_disk);
    std::string places;
    if (rescue_.is_open()) places = "Enter on a keyboard: rescue console";
    if (help_disk_.is_shown()) {
        places += std::string(places.empty() ? "" : "; ") + "at the USB port: help disk";
    }
    telling_.progress.offer(std::move(places));
}

void People::stop_attending() {
    help_disk_.withdraw();
    rescue_.close();
}

}  // namespace bootwire::init
