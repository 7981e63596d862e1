// A disk's modules.dep, and modules.alias and modules.softdep in one, divided by a NUL: each path
// comes once, and is one of the table's.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

#include "kexec/module_set.h"
#include "kexec/own_system.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace bootwire;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const size_t end = text.find('\0');
    const std::string_view dependencies = text.substr(0, end);
    const std::string_view rest = end == text.npos ? std::string_view{} : text.substr(end + 1);
    kexec::ModuleSet set(dependencies, rest, rest);
    for (const char* name : {"iscsi_tcp", "a", "virtio-net"})
        set.add(name);
    set.add_matching("virtio:d00000001v554D4551");
    std::set<std::string_view> seen;
    for (const std::string_view path : set.paths()) {
        if (!dependencies.contains(path) || !seen.insert(path).second) std::abort();
    }
    if (seen.size() > 512) std::abort();
    if (kexec::kernel_release({data, size}).contains('/')) std::abort();
    return 0;
}
