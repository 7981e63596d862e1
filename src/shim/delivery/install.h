// The modules in memory, onto the disk.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"

namespace bootwire::delivery {

/// Copies the folder to a new one, which is there as a whole or not at all: under another name, all
/// of it written, then renamed. What is at `to` by then must be an empty folder, or nothing.
/// prepare: called before the renaming. Fails before anything is written if there is no room.
Status copy_folder(const std::string& from, const std::string& to,
                   const std::function<void()>& prepare);

/// Those of the running kernel. An error says what to do where there are none in memory, no room,
/// or a root that is read-only.
Status install_on_disk();

}  // namespace bootwire::delivery
