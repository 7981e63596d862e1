// Tables of mounts: nothing is unmounted that the table does not have, and what is below another
// goes before it.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "shutdown/mounts.h"

using namespace bootwire::shutdown;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto mounts = parse_mountinfo({reinterpret_cast<const char*>(data), size});
    for (const std::string_view old_root : {"/oldroot", "/nowhere"}) {
        const auto order = to_unmount(mounts, old_root);
        for (size_t i = 0; i < order.size(); ++i) {
            if (std::ranges::find(mounts, order[i].target, &Mount::target) == mounts.end()) abort();
            for (size_t j = i + 1; j < order.size(); ++j) {
                if (order[j].target.starts_with(order[i].target + "/")) abort();
            }
        }
    }
    return 0;
}
