#include "init/telling.h"

#include "os/log.h"

namespace bootwire::init {

/// Who has not been given the page's address finds the section by its name.
std::string where_to_read_on(Topic topic) {
    const std::string address = help_link(BOOTWIRE_HELP_PAGE, topic);
    if (!address.empty()) return "more about it: " + address;
    return "more about it: \"" + std::string(title(topic)) + "\" in docs/troubleshooting.md";
}

void log_failure(const Error& error) {
    log::failure(error.what);
    if (!error.hint.empty()) log::info("what to check: " + error.hint);
    log::info(where_to_read_on(error.topic));
}

void log_report(const plan::Report& report) {
    for (const std::string& warning : report.warnings)
        log::warning(warning);
    for (const std::string& line : report.lines)
        log::info(line);
}

}  // namespace bootwire::init
