#include "init/attending.h"

#include <unistd.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "board/ending.h"
#include "handoff/attended_os.h"
#include "handoff/prepare_os.h"
#include "os/file.h"
#include "os/log.h"
#include "screen/console.h"

namespace bootwire::init {

int run_attending(int argc, char** argv) {
    if (argc < 2 || getpid() != 1) return 1;
    const std::vector<std::string> arguments(argv + 2, argv + argc);
    // Under the disk's own kernel there is none, and /proc/cmdline is right.
    const auto command_line = read_file(handoff::shown_command_line);
    const Error error = handoff::attend_os(
        argv[1], arguments, std::string(trim(command_line ? *command_line : std::string())));
    screen::open_consoles();
    log::start("init", screen::show_line);
    log::failure(error.to_string());
    sleep(30);  // for whoever reads
    sync();
    for (;;) {
        board::end_machine(board::Verb::reboot);
        sleep(1);
    }
}

}  // namespace bootwire::init
