// Single files of the booted system that are shown with another content than the disk has: bind
// mounts, for programs that know no drop-ins.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "handoff/os_network.h"

namespace bootwire::handoff {

/// Below /run: the files that are shown. Who changes one there changes what is seen.
inline constexpr char covers_in_run[] = "bootwire/covers";

/// Shows the content in place of the file in the root mounted there, whose path may be a symbolic
/// link. Read-only: an edit of what is gone with the next boot is to fail where one sees it.
Status cover(const std::string& root, const std::string& path, const std::string& content,
             unsigned mode);

/// The systemd.mount(5) of a cover, by which it outlives `systemctl soft-reboot`: mounts that
/// systemd only finds there conflict with umount.target. path: without symbolic links. Nothing for
/// a path that no line of a unit can say: with control characters, or a blank or backslash at its
/// end.
std::optional<NewFile> mount_unit(std::string_view path);

}  // namespace bootwire::handoff
