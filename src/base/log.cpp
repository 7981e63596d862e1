#include "base/log.h"

#include <cstdio>
#include <string>

#include "base/clock.h"

namespace bootwire::log {

namespace {

void to_standard_error(std::string_view line) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
}

std::string program_name = "bootwire";
Sink current_sink = to_standard_error;

void line(std::string_view prefix, std::string_view text) {
    char head[64];
    std::snprintf(head, sizeof head, "[%s] %6lld ms  ", program_name.c_str(),
                  static_cast<long long>(now().count()));
    current_sink(std::string(head).append(prefix).append(text));
}

}  // namespace

void start(std::string_view program, Sink sink) {
    program_name = program.substr(0, 24);
    current_sink = sink != nullptr ? sink : to_standard_error;
}

void info(std::string_view text) {
    line("", text);
}
void warning(std::string_view text) {
    line("warning: ", text);
}
void failure(std::string_view text) {
    line("failed: ", text);
}

}  // namespace bootwire::log
