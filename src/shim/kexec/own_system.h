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
    std::string root_type;                    ///< file system: "ext4"; may be empty
    std::string secrets;                      ///< lines name=value; may be empty
    std::string disk_words;  ///< the disk's own command line, wherever on it that stands
    std::string words{};     ///< of ours, for a forerunner; no secret is among them
};

/// Where init finds them again.
constexpr char secrets_file[] = "bootwire.secrets";
constexpr char disk_words_file[] = "bootwire.disk-words";
constexpr char load_order_file[] = "modules/load";  ///< names, in the order of loading
/// Of a forerunner alone: its program, our own words, the init that comes after it, and device
/// aliases for which it loads what the disk's initramfs has.
constexpr char forerunner_program[] = "bootwire-init";
constexpr char words_file[] = "bootwire.words";
constexpr char next_init_file[] = "bootwire.next-init";
constexpr char aliases_file[] = "bootwire.aliases";

/// Of the modules below lib/modules/RELEASE those that network, iSCSI and the root need there:
/// their paths from the root, in the order of loading. An error if there are none for that kernel.
Result<std::vector<std::string>> needed_modules(const std::string& release,
                                                const std::vector<std::string>& device_aliases,
                                                const std::string& root_type,
                                                const bootfiles::Folder& root);

/// The archive: /init, and below /modules the modules from the root's /lib/modules/RELEASE that
/// network and iSCSI need there. An error if there are no modules for that kernel, or one of them
/// can't be read.
Result<std::string> pack_own_system(const OwnSystem& system, const bootfiles::Folder& root);

/// The same for one that comes before the disk's own init, next_init, and replaces nothing of its
/// initramfs. root: null, or one that has no such modules: then those of the initramfs have to do.
std::string pack_forerunner(const OwnSystem& system, const std::string& next_init,
                            const bootfiles::Folder* root);

}  // namespace bootwire::kexec
