#include "os/protected_name.h"

#include <sys/prctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

namespace bootwire {

void take_protected_name(std::string_view name) {
    // program_invocation_name is argv[0] itself, the bytes that /proc/PID/cmdline shows.
    char* const own_name = program_invocation_name;
    std::string marked = "@" + std::string(name);
    marked.resize(std::strlen(own_name), '\0');
    std::ranges::copy(marked, own_name);
    prctl(PR_SET_NAME, std::string(name).c_str());
}

}  // namespace bootwire
