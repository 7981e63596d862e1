// What is to be this machine's own in the mounted root (iscsi.seed=1): written there, once.
#pragma once

#include <string>

#include "handoff/mount.h"
#include "seed/identity.h"

namespace bootwire::handoff {

/// Below the root: which machine the system has been made the own one of.
inline constexpr char seed_note[] = "/etc/bootwire-seed";

/// Gives the system in the root that is mounted at the request's target a machine ID, a host name
/// and, if it has SSH host keys, one that comes of these in their place, unless it has those of
/// this machine. A root that is mounted read-only is writable meanwhile. What cannot be done is
/// logged and left.
void seed_root(const MountRequest& root, const seed::Machine& machine);

}  // namespace bootwire::handoff
