#include "init/machine.h"

#include "base/text.h"
#include "init/packed_modules.h"
#include "os/file.h"
#include "os/log.h"
#include "plan/settings_file.h"

namespace bootwire::init {

plan::CommandLine read_kernel_command_line() {
    const auto text = read_file("/proc/cmdline");
    if (!text) log::warning(text.error().to_string());
    auto line = plan::CommandLine::parse(text.value_or(""));
    if (auto secrets = read_file("/proc/cmdline_secrets")) {
        line.add_secrets(*secrets);
        wipe(*secrets);
    }
    std::string packed = take_packed_secrets();
    line.add_secrets(packed);
    wipe(packed);
    return line;
}

void Machine::attend() {
    if (attending) return;
    attending = true;
    rescue.look(*this);
    read_help_disk();
    attending = false;
}

void Machine::read_help_disk() {
    auto said = help_disk.look(given.help_disk);
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
    const auto kept = card.keep(given.help_disk, given.command_line);
    if (!kept) return log::warning("not kept on the SD card: " + kept.error().to_string());
    log::info("kept on the SD card, in cmdline.txt; the old one is cmdline.bak");
}

void Machine::offer_help() {
    if (help_wanted) help_disk.offer(progress.view(), given.help_disk);
    std::string places;
    if (rescue.is_open()) places = "Enter on a keyboard: rescue console";
    if (help_disk.is_shown()) {
        places += std::string(places.empty() ? "" : "; ") + "at the USB port: help disk";
    }
    progress.offer(std::move(places));
}

void Machine::stop_attending() {
    help_disk.withdraw();
    rescue.close();
}

/// Who has not been given the page's address finds the section by its name.
std::string where_to_read_on(Topic topic) {
    const std::string address = help_link(BOOTWIRE_HELP_PAGE, topic);
    if (!address.empty()) return "more about it: " + address;
    return "more about it: \"" + std::string(title(topic)) + "\" in docs/troubleshooting.md";
}

void log_report(const plan::Report& report) {
    for (const std::string& warning : report.warnings)
        log::warning(warning);
    for (const std::string& line : report.lines)
        log::info(line);
}

}  // namespace bootwire::init
