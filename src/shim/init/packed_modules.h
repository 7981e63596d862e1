// Our init inside another kernel's initramfs: what src/shim/kexec/own_system.h packed for it.
#pragma once

#include <optional>
#include <string>

namespace bootwire::init {

/// Is this the kernel of a disk, started by kexec, with its own modules beside us?
bool has_packed_modules();

/// Loads them, in the order in which they were packed. One that is refused is said and passed over:
/// the kernel may have it built in.
void load_packed_modules();

/// The secrets, lines "name=value", which are gone from the file system afterwards; may be empty.
std::string take_packed_secrets();

/// The disk's own command line, as the first of our two runs read it; nothing if this is no second.
std::optional<std::string> packed_disk_words();

}  // namespace bootwire::init
