#include "delivery/command.h"

#include <unistd.h>

#include <cstdio>
#include <string_view>

#include "control/bootwirectl.h"
#include "delivery/install.h"
#include "delivery/report.h"
#include "os/file.h"

namespace bootwire::delivery {

namespace {

using control::ExitStatus;

ExitStatus show() {
    const auto words = read_file(report_path);
    if (!words) {
        std::fputs("bootwirectl: no word of modules: this kernel is the disk's own\n", stderr);
        return ExitStatus::usage;
    }
    std::fputs(words->c_str(), stdout);
    return ExitStatus::ok;
}

ExitStatus install() {
    if (geteuid() != 0) {
        std::fputs("bootwirectl: only root may do that\n", stderr);
        return ExitStatus::not_permitted;
    }
    if (const auto done = install_on_disk(); !done) {
        std::fprintf(stderr, "bootwirectl: %s\n", done.error().to_string().c_str());
        return ExitStatus::usage;
    }
    return show();
}

}  // namespace

int run_modules_command(int argc, char** argv) {
    const std::string_view verb = argc > 2 ? argv[2] : "";
    if (argc == 2) return static_cast<int>(show());
    if (argc == 3 && verb == "install") return static_cast<int>(install());
    std::fputs("bootwirectl: it is `modules` or `modules install`\n", stderr);
    return static_cast<int>(ExitStatus::usage);
}

}  // namespace bootwire::delivery
