// The help disk's bootwire.txt, whatever somebody's editor has made of it.
#include <cstdlib>
#include <string_view>

#include "plan/settings_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace bootwire;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto said = plan::read_settings_file(text);
    const std::string written = plan::write_settings_file(said);
    if (written.size() > 64 * plan::CommandLine::max_length) std::abort();
    (void)plan::with_settings(text, said);
    return 0;
}
