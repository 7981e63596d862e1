// A process that systemd is to spare.
#pragma once

#include <string_view>

namespace bootwire {

/// argv[0] becomes '@' and what of the name has room: systemd's rule for processes that it must
/// spare, when an initramfs ends as when the system does
/// (https://systemd.io/ROOT_STORAGE_DAEMONS/). The kernel's short name (comm) is the name, at most
/// 15 bytes of it.
void take_protected_name(std::string_view name);

}  // namespace bootwire
