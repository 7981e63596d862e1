#include "os/log.h"

#include <cstdio>
#include <string>
#include <utility>

#include "os/clock.h"

namespace bootwire::log {

namespace {

void to_standard_error(const Line& line) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(line.whole.size()), line.whole.data());
}

std::string program_name = "bootwire";
Sink current_sink = to_standard_error;
std::function<void(const Line&)> copy_receiver;

void write(Severity severity, std::string_view prefix, std::string_view text,
           Subject subject = Subject::other) {
    char head[64];
    std::snprintf(head, sizeof head, "[%s] %6lld ms  ", program_name.c_str(),
                  static_cast<long long>(now().count()));
    const std::string whole = std::string(head).append(prefix).append(text);
    const Line line{severity, program_name, std::string_view(whole).substr(program_name.size() + 3),
                    whole, subject};
    current_sink(line);
    if (!copy_receiver) return;
    auto receiver = std::exchange(copy_receiver, nullptr);
    receiver(line);
    if (!copy_receiver) copy_receiver = std::move(receiver);
}

}  // namespace

void start(std::string_view program, Sink sink) {
    program_name = program.substr(0, 24);
    current_sink = sink != nullptr ? sink : to_standard_error;
}

void copy_to(std::function<void(const Line&)> receiver) {
    copy_receiver = std::move(receiver);
}

void info(std::string_view text) {
    write(Severity::info, "", text);
}
void warning(std::string_view text) {
    write(Severity::warning, "warning: ", text);
}
void failure(std::string_view text) {
    write(Severity::failure, "failed: ", text);
}
void info_about(Subject subject, std::string_view text) {
    write(Severity::info, "", text, subject);
}
void warning_about(Subject subject, std::string_view text) {
    write(Severity::warning, "warning: ", text, subject);
}

}  // namespace bootwire::log
