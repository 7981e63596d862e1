// Modules in memory get their place in the root of a system.
#pragma once

#include <string>

#include "base/error.h"
#include "os/fd.h"

namespace bootwire::delivery {

/// "/lib/modules/RELEASE".
std::string system_folder(const std::string& release);
/// Where they are in any case, whatever the root has: `modprobe -d /run/bootwire` finds them.
std::string own_folder(const std::string& release);

/// The root's modules.dep(5) for that kernel; empty if there is none.
std::string table_in_root(const std::string& root, const std::string& release);

/// Does the root have modules for that kernel, its own or ours?
bool has_modules(const std::string& root, const std::string& release);

enum class Place : uint8_t {
    for_good,  ///< below the root's /lib/modules, where new kernels go to the disk as ever
    for_now,   ///< laid over a /lib/modules that cannot be written to
};

/// Shows the image's content in the root, with all that it has itself. A root that may be written
/// to gets an empty folder to mount it on, and nothing else. Where it was laid over before and the
/// root has become writable, it is moved there. On failure they are in own_folder() at best.
Result<Place> place(const Fd& image, const std::string& root, const std::string& release);

/// Takes away what place() has laid over or mounted on it.
void take_away(const std::string& root, const std::string& release);

}  // namespace bootwire::delivery
