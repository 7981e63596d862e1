// The name of a disk's system, up to the first NUL, and its hosts(5): what comes of them is a name
// that any machine may have, and the same file but for that name.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/host_name.h"
#include "base/text.h"
#include "seed/identity.h"

using namespace bootwire;

namespace {

const seed::Machine machine{"10000000abcdef01", "iqn.2024-01.lan.home:golden", ""};

std::string check_name(std::string_view old) {
    const std::string name = seed::host_name(machine, old);
    if (!is_host_name(name) || name.size() > 63 || !name.ends_with("-cdef01")) std::abort();
    if (seed::host_name(machine, name) != name) std::abort();
    return name;
}

void check_hosts(std::string_view hosts, std::string_view old, std::string_view name) {
    if (seed::hosts_with(hosts, old, old) != hosts) std::abort();
    const std::string text = seed::hosts_with(hosts, old, name);
    const auto before = split(hosts, '\n'), after = split(text, '\n');
    if (before.size() != after.size()) std::abort();
    for (size_t i = 0; i < before.size(); ++i) {
        const auto were = split_words(before[i]), are = split_words(after[i]);
        if (were.size() != are.size()) std::abort();
        for (size_t word = 0; word < were.size(); ++word) {
            if (are[word] != were[word] && (were[word] != old || are[word] != name)) std::abort();
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const size_t end = std::min(bytes.find('\0'), bytes.size());
    const std::string_view old = trim(bytes.substr(0, end));
    check_hosts(bytes.substr(std::min(end + 1, bytes.size())), old, check_name(old));
    return 0;
}
