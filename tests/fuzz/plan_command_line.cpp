// Any text is a command line; nothing secret keeps a spelling, and blanks end no value but in
// quotes. What is before the first NUL is the line, what is behind it the secrets' lines.
#include <cstdlib>
#include <string_view>

#include "plan/command_line.h"
#include "plan/values.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace bootwire::plan;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const size_t end = text.find('\0');
    auto line = CommandLine::parse(text.substr(0, end));
    if (end != text.npos) line.add_secrets(text.substr(end + 1));
    if (line.words().size() > CommandLine::max_words) std::abort();
    for (const Word& word : line.words()) {
        if (is_secret_parameter(word.name) && word.value && !word.spelling.empty()) std::abort();
        if (!word.value) continue;
        (void)parse_ip_setting(*word.value);
        (void)parse_host_and_port(*word.value);
    }
    return 0;
}
