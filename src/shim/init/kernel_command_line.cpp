#include "init/kernel_command_line.h"

#include "base/secret.h"
#include "base/text.h"
#include "init/packed_modules.h"
#include "os/file.h"
#include "os/log.h"

namespace bootwire::init {

plan::CommandLine read_kernel_command_line() {
    const auto text = read_file("/proc/cmdline");
    if (!text) log::warning(text.error().to_string());
    auto line = plan::CommandLine::parse(packed_words().value_or(text.value_or("")));
    if (auto secrets = read_file("/proc/cmdline_secrets")) {
        line.add_secrets(*secrets);
        wipe(*secrets);
    }
    std::string packed = take_packed_secrets();
    line.add_secrets(packed);
    wipe(packed);
    return line;
}

}  // namespace bootwire::init
