// The program behind ./bootwire eeprom; tools/eeprom.sh has its help.
#include <cstdio>

#include "eeprom_command/command.h"

namespace {

constexpr int failed = 1;
constexpr int usage = 2;

int complain(const bootwire::Error& error, int status) {
    std::fprintf(stderr, "bootwire: %s\n", error.to_string().c_str());
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace bootwire::eeprom_command;
    const auto arguments = parse_arguments({argv + (argc > 0 ? 1 : 0), argv + argc});
    if (!arguments) return complain(arguments.error(), usage);
    const auto done = run(*arguments);
    if (!done) return complain(done.error(), failed);
    return *done ? 0 : failed;
}
