#include "init/machine.h"

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "init/packed_modules.h"

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
