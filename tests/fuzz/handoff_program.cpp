// The first bytes of a file from a disk: a program, a script, or neither.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "handoff/program_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace bootwire;
    const std::string head(reinterpret_cast<const char*>(data), size);
    const auto checked = handoff::check_program_header(head, "/sbin/init");
    if (!checked && checked.error().what.empty()) std::abort();
    if (const auto path = handoff::interpreter_of(head)) {
        const bool sensible = path->starts_with('/') && path->size() < 256 && head.contains(*path);
        if (!sensible) std::abort();
    }
    return 0;
}
