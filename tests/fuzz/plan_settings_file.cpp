// bootwire.txt, whatever somebody's editor has made of it.
#include <cstdlib>
#include <string_view>

#include "plan/settings_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace bootwire;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto said = plan::read_settings_file(text);
    const std::string written = plan::write_settings_file(said);
    if (written.size() > 64 * plan::CommandLine::max_length) std::abort();
    // Kept on the card, they say the same, and nothing in cmdline.txt says it otherwise.
    const auto known = plan::known_settings(said);
    const std::string kept = plan::with_settings("#\nvlan=7\n", said);
    const auto again = plan::known_settings(plan::read_settings_file(kept));
    // Who keeps it reads it again, and refuses what cannot be written down.
    for (const auto& word : known.words()) {
        if (word.value.value_or("").contains('"')) return 0;
    }
    for (const auto& word : known.words()) {
        if (again.value(word.name) != known.value(word.name)) std::abort();
    }
    (void)plan::with_settings(text, said);
    const std::string without = plan::without_settings(text, said);
    const auto left = plan::CommandLine::parse(without.substr(0, without.find_first_of("\r\n")));
    for (const auto& word : left.words()) {
        if (known.has(word.name)) std::abort();
    }
    return 0;
}
