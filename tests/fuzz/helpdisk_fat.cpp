// A help disk that came back from a computer: whatever is on it, reading bootwire.txt ends, and no
// more of it is believed than there is.
#include <cstdlib>
#include <string_view>

#include "helpdisk/fat_volume.h"
#include "plan/settings_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace bootwire;
    constexpr size_t longest = 4096;
    const std::string_view volume(reinterpret_cast<const char*>(data), size);
    const auto text = helpdisk::read_fat_file(volume, "bootwire.txt", longest);
    if (text && text->size() > longest) std::abort();
    if (!text && text.error().what.empty()) std::abort();
    const auto said = plan::read_settings_file(text ? *text : volume);
    const std::string written = plan::write_settings_file(said);
    if (written.size() > 64 * plan::CommandLine::max_length) std::abort();
    (void)plan::with_settings(volume, said);
    return 0;
}
