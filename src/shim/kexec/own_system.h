// Our own init for the next kernel: an archive that is appended to the disk's initramfs, where that
// cannot log in by itself.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "bootfiles/folder.h"

namespace bootwire::kexec {

/// "6.12.48+deb13-arm64" from the banner in the raw Image; empty if there is none.
std::string kernel_release(Bytes image);

struct OwnSystem {
    std::string init;                         ///< the program
    std::string release;                      ///< of the next kernel
    std::vector<std::string> device_aliases;  ///< of what leads to the network
    std::string root_type;                    ///< file system: "ext4"
    std::string secrets;                      ///< lines name=value; may be empty
    std::string disk_words;  ///< the disk's own command line, wherever on it that stands
};

/// Where init finds them again.
constexpr char secrets_file[] = "bootwire.secrets";
constexpr char disk_words_file[] = "bootwire.disk-words";
constexpr char load_order_file[] = "modules/load";  ///< names, in the order of loading

/// The archive: /init, and below /modules the modules from the root's /lib/modules/RELEASE that
/// network and iSCSI need there. An error if there are no modules for that kernel, or one of them
/// can't be read.
Result<std::string> pack_own_system(const OwnSystem& system, const bootfiles::Folder& root);

}  // namespace bootwire::kexec
