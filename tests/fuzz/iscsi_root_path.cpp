// Any text as root paths and as iSCSI name.
#include <cstdlib>

#include "iscsi/name.h"
#include "iscsi_initiator/root_path.h"
#include "plan/require_name.h"

using namespace bootwire::iscsi;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const RootPaths paths = parse_root_paths(text);
    for (const RootPath& path : paths.paths) {
        RootPath bare = path;
        bare.chap.reset();
        bare.mutual_chap.reset();
        const auto again = parse_root_path(bare.to_string());
        if (!again || *again != bare) std::abort();
    }
    const NameCheck check = check_name(text);
    if (check.ok() != bootwire::plan::require_name("target name", text).has_value()) std::abort();
    return 0;
}
