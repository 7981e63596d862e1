#include "init/machine.h"

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

namespace bootwire::init {

plan::CommandLine read_kernel_command_line() {
    const auto text = read_file("/proc/cmdline");
    if (!text) log::warning(text.error().to_string());
    auto line = plan::CommandLine::parse(text.value_or(""));
    if (auto secrets = read_file("/proc/cmdline_secrets")) {
        line.add_secrets(*secrets);
        wipe(*secrets);
    }
    return line;
}

void log_report(const plan::Report& report) {
    for (const std::string& warning : report.warnings)
        log::warning(warning);
    for (const std::string& line : report.lines)
        log::info(line);
}

}  // namespace bootwire::init
